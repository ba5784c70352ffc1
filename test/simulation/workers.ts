import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { RunOf, Task } from './task.ts'

const AT_A_TIME = 2

/** Threads that play tasks, each one at a time. */
export interface Workers {
  /** Waits for a free one. */
  play<T extends Task>(task: T): Promise<RunOf<T>>
  end(): Promise<void>
}

type Answer = { readonly run: unknown } | { readonly error: string }

export function startWorkers(): Workers {
  const all = Array.from({ length: AT_A_TIME }, () => new Worker(new URL('worker.ts', import.meta.url)))
  const free = [...all]
  const waiting: ((worker: Worker) => void)[] = []
  const take = async (): Promise<Worker> => free.pop() ?? new Promise((resolve) => waiting.push(resolve))
  const give = (worker: Worker): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(worker)
    else next(worker)
  }
  return {
    async play<T extends Task>(task: T) {
      const worker = await take()
      worker.postMessage(task)
      const [answer] = (await once(worker, 'message')) as [Answer]
      give(worker)
      if ('error' in answer) throw new Error(answer.error)
      return answer.run as RunOf<T>
    },
    async end() {
      await Promise.all(all.map((worker) => worker.terminate()))
    },
  }
}
