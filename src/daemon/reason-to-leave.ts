import type { Cluster } from '../core/cluster.ts'
import type { Outside } from '../ports/outside.ts'
import { describeOwner, findOwner } from '../probes/facts/owner.ts'
import { createJournalStore } from '../recovery/journal-store.ts'
import { statePaths } from './compose.ts'
import { JOURNAL_SLOT_BYTES, STATE_SLOT_BYTES } from './slot-bytes.ts'
import { createSlotFile } from './slot-file.ts'
import { createStateFile } from './state-file.ts'

/** Why a server is not to be started before the watch begins, a clause for people; `undefined` where nothing speaks against it. */
export async function findReasonToLeave(cluster: Cluster, outside: Outside, stateDirectory: string): Promise<string | undefined> {
  const [running] = outside.processes.postgresIn(cluster.dataDirectory)
  if (running !== undefined) return `it runs already (pid ${running.pid})`
  const owner = await findOwner({ ...outside, cluster, everybody: outside.processes.find(() => true), own: undefined, service: undefined })
  if (owner.status === 'found') return describeOwner(owner.value)
  const paths = statePaths(stateDirectory)
  const slots = (path: string, slotBytes: number) => createSlotFile({ files: outside.files, path, slotBytes })
  const state = await createStateFile(slots(paths.state(cluster.name), STATE_SLOT_BYTES)).load()
  if (state?.mode === 'paused') return 'pgwatchd is paused for it'
  const journal = await createJournalStore(slots(paths.journal(cluster.name), JOURNAL_SLOT_BYTES)).load()
  return journal?.status === 'open' ? 'the watch goes on with the recovery that was under way' : undefined
}
