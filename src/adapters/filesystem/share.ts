import type { SystemCalls } from './system-calls.ts'

type Ask<T> = (calls: SystemCalls, path: string) => Promise<T>

/**
 * Gives callers that ask the same while an answer is under way that one answer. On storage that hangs, each path so
 * holds one thread of Node's small pool, however often it is asked for.
 */
export function shareWhilePending<T>(ask: Ask<T>): Ask<T> {
  const pendingOf = new WeakMap<SystemCalls, Map<string, Promise<T>>>()
  return (calls, path) => {
    const pending = pendingOf.get(calls) ?? new Map<string, Promise<T>>()
    pendingOf.set(calls, pending)
    const underWay = pending.get(path)
    if (underWay !== undefined) return underWay
    const answer = ask(calls, path).finally(() => pending.delete(path))
    pending.set(path, answer)
    return answer
  }
}
