import { unlessUnavailable } from '../probes/facts/bounded.ts'
import { lookAtProcesses } from '../probes/facts/cluster-processes.ts'
import { describeOwner, findOwner } from '../probes/facts/owner.ts'
import type { Watch } from './watch.ts'

/**
 * Who else owns a cluster that serves, a clause for people; `undefined` when nobody does. While all is well no look asks for
 * that, so whoever is about to stop the server on request does.
 */
export async function findForeignOwner({ cluster, outside }: Watch, signal: AbortSignal): Promise<string | undefined> {
  const { clock } = outside
  const everybody = outside.processes.find(() => true)
  const [own, service] = await Promise.all([
    unlessUnavailable(clock, signal, () => lookAtProcesses(cluster, { ...outside, everybody })),
    unlessUnavailable(clock, signal, (deadline) => outside.service.status(deadline)),
  ])
  const owner = await findOwner({ ...outside, cluster, everybody, own, service }, signal)
  if (owner.status === 'none') return undefined
  if (owner.status === 'found') return describeOwner(owner.value)
  return `it is not known whether somebody else owns it: ${owner.why}`
}
