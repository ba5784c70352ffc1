import type { Hindrance } from '../../core/hindrance.ts'
import { isWholeSlotState, SLOT_STATE_BYTES } from '../../core/postgres/slot-state.ts'
import type { Finder, Inspected } from './ground.ts'
import { unstartable } from './ground.ts'

const SLOTS_AT_MOST = 1_000

/**
 * A slot whose state cannot be read keeps the server from starting. It is a promise to a standby or a subscriber: with the slot gone the
 * server throws away the WAL that they still need, at its first checkpoint. So it is left to a person, who knows whether they matter.
 */
export const findSlotStates: Finder = async (ground) => {
  const { cluster, outside } = ground
  const names = ((await outside.files.list(`${cluster.dataDirectory}/pg_replslot`)) ?? []).filter((name) => !name.endsWith('.tmp'))
  const judged = await Promise.all(names.slice(0, SLOTS_AT_MOST).map((name) => judge(ground, name)))
  return judged.flatMap((hindrance) => hindrance ?? [])
}

async function judge({ cluster, outside: { files } }: Inspected, name: string): Promise<Hindrance | undefined> {
  const directory = `${cluster.dataDirectory}/pg_replslot/${name}`
  if ((await files.status(directory))?.kind !== 'directory') return undefined
  const state = await files.read(`${directory}/state`, { maxBytes: SLOT_STATE_BYTES })
  if (state !== undefined && isWholeSlotState(state)) return undefined
  const what = state === undefined ? 'is missing' : 'is damaged'
  return unstartable(`${directory}/state`, `the state of the replication slot ${name} ${what}, and the server does not start with it`, {
    evidence: [
      'without the slot the server starts, and throws away WAL that its standby or subscriber may still need',
      'a standby that has fallen behind has to be built anew then, and a subscriber to be synchronised anew',
    ],
    commands: [{ shell: `sudo -u postgres mv ${directory} ${cluster.dataDirectory}/../slot-${name}    # gives the slot up` }],
  })
}
