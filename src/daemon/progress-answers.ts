import type { Progress } from '../jobs/backup/backup.ts'
import type { ControlAnswer } from './control-protocol.ts'

/** Runs `work` and yields what it reports, the newest only: a slow client must not fill the memory. */
export async function* withProgress(work: (report: (progress: Progress) => void) => Promise<void>): AsyncIterable<ControlAnswer> {
  const reported: { newest?: Progress; wake(): void; ended: boolean } = { wake: () => undefined, ended: false }
  const working = work((progress) => {
    reported.newest = progress
    reported.wake()
  }).finally(() => {
    reported.ended = true
    reported.wake()
  })
  while (!reported.ended) {
    await new Promise<void>((resolve) => {
      reported.wake = resolve
    })
    const { newest } = reported
    delete reported.newest
    if (newest !== undefined) yield { type: 'backup-progress', progress: newest }
  }
  await working
}
