import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { RunOf, Task } from './task.ts'

const AT_A_TIME = 2
/** Then a new thread takes its place: what a daemon still waited for when it was killed is never let go. */
const TASKS_OF_A_THREAD = 20

/** Threads that play tasks, each one at a time. */
export interface Workers {
  /** Waits for a free one. */
  play<T extends Task>(task: T): Promise<RunOf<T>>
  end(): Promise<void>
}

type Answer = { readonly run: unknown } | { readonly error: string }

export function startWorkers(): Workers {
  const all = Array.from({ length: AT_A_TIME }, () => new Thread())
  const free = [...all]
  const waiting: ((thread: Thread) => void)[] = []
  const take = async (): Promise<Thread> => free.pop() ?? new Promise((resolve) => waiting.push(resolve))
  const give = (thread: Thread): void => {
    const next = waiting.shift()
    if (next === undefined) free.push(thread)
    else next(thread)
  }
  return {
    async play<T extends Task>(task: T) {
      const thread = await take()
      const answer = await thread.play(task)
      give(thread)
      if ('error' in answer) throw new Error(answer.error)
      return answer.run as RunOf<T>
    },
    async end() {
      await Promise.all(all.map((thread) => thread.end()))
    },
  }
}

class Thread {
  #worker = startWorker()
  #tasks = 0

  async play(task: Task): Promise<Answer> {
    this.#tasks += 1
    if (this.#tasks % TASKS_OF_A_THREAD === 0) await this.#renew()
    this.#worker.postMessage(task)
    const [answer] = (await once(this.#worker, 'message')) as [Answer]
    return answer
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  async #renew(): Promise<void> {
    await this.end()
    this.#worker = startWorker()
  }
}

function startWorker(): Worker {
  return new Worker(new URL('worker.ts', import.meta.url))
}
