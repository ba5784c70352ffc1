/** A thread that plays what it is asked for, one after the other. */
import { parentPort } from 'node:worker_threads'
import { play, type Task } from './task.ts'

parentPort?.on('message', (task: Task) => {
  play(task).then(
    (run) => parentPort?.postMessage({ run }),
    (error: unknown) => parentPort?.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
