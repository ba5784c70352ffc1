import type { DatabaseContents, Manifest } from '../../core/backup/manifest.ts'
import type { PrivateServer } from '../../server/private-server.ts'
import { inSession } from '../../server/ask.ts'
import type { BackupGround, Outcome } from './backup.ts'
import { readContents } from './contents.ts'
import { refuse } from './refuse.ts'

const EXACT_ROWS_AT_MOST = 50_000_000

/** What a private server holds of the databases of a manifest, counted or estimated as they were there; one that cannot be entered is left out. */
export async function readRestored(
  ground: BackupGround,
  manifest: Manifest,
  { at }: PrivateServer,
  signal: AbortSignal,
): Promise<Outcome<readonly DatabaseContents[]>> {
  const found: DatabaseContents[] = []
  for (const { name, rowsAre } of manifest.contents) {
    ground.report({ text: `comparing ${name}`, doneBytes: found.length, totalBytes: manifest.contents.length })
    const limits = { exactRowsAtMost: rowsAre === 'exact' ? EXACT_ROWS_AT_MOST : -1, timeoutMs: ground.settings.timeoutMs }
    const answer = await inSession(ground.outside, { database: name, purpose: 'drill', at }, signal, async (session) => {
      return { ok: true, value: await readContents(session, name, limits, signal), tookMs: 0 }
    })
    if (answer.ok && !answer.value.ok) return refuse('damaged', answer.value.why)
    if (answer.ok && answer.value.ok) found.push(answer.value.value)
  }
  return { ok: true, value: found }
}
