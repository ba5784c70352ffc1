import { createState } from '../../../../src/core/state.ts'
import { createSlotFile } from '../../../../src/daemon/slot-file.ts'
import { createStateFile, type StateFile } from '../../../../src/daemon/state-file.ts'
import type { Files } from '../../../../src/ports/files.ts'
import { lost, torn, WHOLE, type Store } from './store.ts'

const NOW = { bootId: 'boot', monotonicMs: 0, wallMs: 0 }

function openFile(files: Files, directory: string, onDamaged: () => void): StateFile {
  return createStateFile(createSlotFile({ files, path: `${directory}/state/15-main.state`, slotBytes: 16_384, onDamaged }), onDamaged)
}

/** The counters of one cluster: two slots, written in turn. */
export const state: Store = {
  name: 'state',
  async open(files, directory) {
    const file = openFile(files, directory, () => undefined)
    return (operation) => file.save({ ...createState(NOW), incidentAttempts: operation })
  },
  async check(files, directory, acknowledged) {
    const damaged = { seen: false }
    const found = (await openFile(files, directory, () => (damaged.seen = true)).load())?.incidentAttempts ?? 0
    if (damaged.seen) return torn('nothing in the state file can be believed')
    return found >= acknowledged ? WHOLE : lost(`attempt ${String(found)} is on disk, ${String(acknowledged)} was acknowledged`)
  },
}
