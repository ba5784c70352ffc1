import { createSlotFile } from '../../../../src/daemon/slot-file.ts'
import type { Files } from '../../../../src/ports/files.ts'
import { createJournalStore } from '../../../../src/recovery/journal-store.ts'
import type { Journal, JournalStore } from '../../../../src/recovery/pipeline.ts'
import { lost, torn, WHOLE, type Store } from './store.ts'

const STEP = { name: 'start-postgres', status: 'began', wallMs: 0, detail: '' } as const

function openStore(files: Files, directory: string, onDamaged: () => void): JournalStore {
  return createJournalStore(createSlotFile({ files, path: `${directory}/state/15-main.journal`, slotBytes: 65_536, onDamaged }))
}

/** Grows and shrinks, so that slots of one length do not hide a torn one. */
function journalOf(attempt: number): Journal {
  const data = { note: 'x'.repeat((attempt * 977) % 20_000) }
  const fixed = { version: 1, incidentId: 'incident', plan: 'restart', resumptions: 0, status: 'open', startedWallMs: 0 } as const
  return { ...fixed, attempt, steps: [{ ...STEP, data }] }
}

/** The write-ahead log of a recovery. */
export const journal: Store = {
  name: 'journal',
  async open(files, directory) {
    const store = openStore(files, directory, () => undefined)
    return (operation) => store.save(journalOf(operation))
  },
  async check(files, directory, acknowledged) {
    const damaged = { seen: false }
    const found = await openStore(files, directory, () => (damaged.seen = true)).load()
    if (damaged.seen) return torn('nothing in the journal can be believed')
    if (found !== undefined && JSON.stringify(found) !== JSON.stringify(journalOf(found.attempt)))
      return torn(`journal ${String(found.attempt)}`)
    const attempt = found?.attempt ?? 0
    return attempt >= acknowledged ? WHOLE : lost(`entry ${String(attempt)} is on disk, ${String(acknowledged)} was acknowledged`)
  },
}
