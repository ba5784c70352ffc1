import { createClock } from '../../../../src/adapters/clock/clock.ts'
import type { Incident } from '../../../../src/core/incident.ts'
import { createIncidentStore, type IncidentStore } from '../../../../src/daemon/incident-store.ts'
import type { Files } from '../../../../src/ports/files.ts'
import { createFakeLog } from '../../../fakes/log.ts'
import { createFakeRandom } from '../../../fakes/random.ts'
import { lost, torn, WHOLE, type Store } from './store.ts'

/** Each incident is opened, gets entries, and is closed. */
const OPERATIONS_EACH = 5

function idOf(number: number): string {
  return `20261125T000000Z-15-main-crashed-${String(number).padStart(4, '0')}`
}

function openStore(files: Files, directory: string): { readonly store: IncidentStore; readonly log: ReturnType<typeof createFakeLog> } {
  const log = createFakeLog()
  const store = createIncidentStore({ files, directory: `${directory}/incidents`, clock: createClock(), random: createFakeRandom(), log })
  return { store, log }
}

/** Stories of what happened: a folder each, replaced as a whole at each change. */
export const incident: Store = {
  name: 'incident',
  async open(files, directory) {
    const { store, log } = openStore(files, directory)
    await files.makeDirectory(`${directory}/incidents`, 0o700)
    let current: Incident | undefined
    return async (operation) => {
      const [number, part] = [Math.ceil(operation / OPERATIONS_EACH), (operation - 1) % OPERATIONS_EACH]
      if (part === 0 || current === undefined)
        current = await store.open({ id: idOf(number), cluster: '15-main', cause: 'crashed', verdict: 'gone' })
      else if (part === OPERATIONS_EACH - 1) await store.close(current, { outcome: 'recovered', downtimeMs: 1 })
      else
        current = await store.update({ ...current, timeline: [...current.timeline, { wallMs: operation, text: `entry ${String(part)}` }] })
      const trouble = log.entries.at(-1)
      if (trouble !== undefined) throw new Error(trouble.message)
    }
  },
  async check(files, directory, acknowledged) {
    for (let number = 1; (number - 1) * OPERATIONS_EACH < acknowledged; number += 1) {
      const parts = Math.min(acknowledged - (number - 1) * OPERATIONS_EACH, OPERATIONS_EACH)
      const finding = await checkOne(files, directory, number, parts)
      if (finding !== WHOLE) return finding
    }
    return WHOLE
  },
}

/** `parts` operations of this incident were acknowledged. */
async function checkOne(files: Files, directory: string, number: number, parts: number) {
  const id = idOf(number)
  const found = await openStore(files, directory).store.read(id)
  const text = await files.readText(`${directory}/incidents/${id}/incident.json`, { maxBytes: 1 << 20 })
  if (found === undefined)
    return text === undefined ? lost(`${id} is gone`) : torn(`${id} holds ${String(text.length)} characters that are no incident`)
  const entries = Math.min(parts - 1, OPERATIONS_EACH - 2)
  if (found.timeline.length < entries) return lost(`${id} has ${String(found.timeline.length)} of ${String(entries)} entries`)
  return parts === OPERATIONS_EACH && found.outcome === '' ? lost(`${id} is open again`) : WHOLE
}
