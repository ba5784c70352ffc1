import type { Progress } from '../jobs/backup/backup.ts'
import type { ControlAnswer } from './control-protocol.ts'

/** Runs `work` and yields what it reports, the newest only: a slow client must not fill the memory. */
export async function* withProgress(work: (report: (progress: Progress) => void) => Promise<void>): AsyncIterable<ControlAnswer> {
  let newest: Progress | undefined
  let wake = (): void => undefined
  let ended = false
  const working = work((progress) => {
    newest = progress
    wake()
  }).finally(() => {
    ended = true
    wake()
  })
  while (!ended) {
    await new Promise<void>((resolve) => {
      wake = resolve
      if (ended || newest !== undefined) resolve()
    })
    if (newest !== undefined) yield { type: 'backup-progress', progress: newest }
    newest = undefined
  }
  await working
}
