/**
 * Gives callers that ask the same while an answer is under way that one answer. On storage that hangs, each path so
 * holds one thread of Node's small pool, however often it is asked for.
 */
export function shareWhilePending<T>(ask: (path: string) => Promise<T>): (path: string) => Promise<T> {
  const pending = new Map<string, Promise<T>>()
  return (path) => {
    const underWay = pending.get(path)
    if (underWay !== undefined) return underWay
    const answer = ask(path).finally(() => pending.delete(path))
    pending.set(path, answer)
    return answer
  }
}
