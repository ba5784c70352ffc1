import type { Command } from '../cause.ts'
import { describeParty, describePrepared, describeRoot, describeWaits } from '../sessions/describe-conflicts.ts'
import type { LockConflicts, LockRoot, PreparedTransaction } from '../sessions/lock-conflicts.ts'
import { blocksFor, findQueueHead, findRoots, reasonToSpare } from '../sessions/lock-conflicts.ts'
import { cancelStatement, endTransactionStatement, rollbackPreparedStatement } from '../sessions/statements.ts'
import type { Diagnosis, Found, View } from './diagnosis.ts'
import { quote } from './diagnosis.ts'
import { lateReadings } from './stuck.ts'

/** A wait this long explains why an answer is late; shorter ones are the everyday life of a busy server. */
const EXPLAINS_MS = 5_000
const MOST_TREES = 3

export const blocked: Diagnosis = {
  name: 'blocked',
  examine(view) {
    const { conflicts } = view.facts
    if (conflicts.status === 'none') return { ruledOut: 'who waits for a lock was not looked for' }
    if (conflicts.status === 'unknown') return { ruledOut: `who waits for whom could not be told: ${conflicts.why}` }
    const late = lateReadings(view)
    if (view.failed.length > late.length) return { ruledOut: 'a lock does not explain what failed' }
    const { limitMs } = conflicts.value.policy
    const enoughMs = late.length > 0 ? Math.min(EXPLAINS_MS, limitMs) : limitMs
    const roots = findRoots(conflicts.value).filter((root) => blocksFor(root, enoughMs))
    const prepared = findBlockingPrepared(conflicts.value, enoughMs)
    if (roots.length + prepared.length === 0) return { ruledOut: 'nobody keeps others waiting for long' }
    return judge(view, conflicts.value, roots, prepared)
  },
}

function findBlockingPrepared({ prepared, parties }: LockConflicts, enoughMs: number): readonly PreparedTransaction[] {
  const waits = new Map(parties.map(({ pid, waitedMs }) => [pid, waitedMs ?? 0]))
  return prepared.filter(({ blocks }) => blocks.some((pid) => (waits.get(pid) ?? 0) >= enoughMs))
}

function judge(view: View, conflicts: LockConflicts, roots: readonly LockRoot[], prepared: readonly PreparedTransaction[]): Found {
  const spared = roots.map((root) => ({ root, why: whyNot(view, conflicts, root) }))
  const isActing = spared.some(({ why }) => why === undefined)
  return {
    cause: 'blocked',
    ...(isActing ? { response: 'recover', plan: 'remedies' } : { response: 'person' }),
    ...(lateReadings(view).some(({ probe }) => probe === 'connection') ? { serving: false } : {}),
    verdict: `${describeWaits(conflicts)}: ${whoHasIt(roots, prepared)}`,
    evidence: [
      ...lateReadings(view).map(quote),
      ...prepared.map(describePrepared),
      ...roots.slice(0, MOST_TREES).flatMap((root) => [...describeRoot(root), ...hintOf(root, conflicts)]),
    ],
    commands: [...prepared.map(rollbackCommand), ...roots.slice(0, MOST_TREES).flatMap((root) => commandsFor(root, conflicts))],
    notDone: [
      ...spared.flatMap(({ root, why }) => (why === undefined ? [] : [`pid ${root.party.pid} was not ended: ${why}`])),
      ...prepared.map(
        ({ gid }) => `the prepared transaction ${gid} was left alone: whether it is to be committed or rolled back, only its owner knows`,
      ),
    ],
  }
}

function whoHasIt([root]: readonly LockRoot[], [prepared]: readonly PreparedTransaction[]): string {
  if (root !== undefined) return `${describeParty(root.party)} has it${root.party.state === '' ? '' : ` and is ${root.party.state}`}`
  return prepared === undefined ? 'nobody is known to have it' : `the prepared transaction ${prepared.gid} has it`
}

/** Why a root is not ended by pgwatchd; `undefined` when it will be. */
function whyNot({ facts: { owner } }: View, { policy }: LockConflicts, root: LockRoot): string | undefined {
  const spared = reasonToSpare(root, policy)
  if (spared !== undefined) return spared
  if (policy.policy !== 'act') return `recovery.blockers.policy is ${policy.policy}`
  return owner.status === 'none' ? undefined : 'another manager owns the cluster, or that could not be told'
}

function hintOf(root: LockRoot, { parties }: LockConflicts): readonly string[] {
  const head = findQueueHead(root, parties)
  if (head === undefined) return []
  return [
    `pid ${head.party.pid} stands first in the queue and keeps ${head.frees} from passing: cancelling that one lets them go on, and leaves pid ${root.party.pid} in peace`,
  ]
}

/** The queue's head first, for it costs least; a session without a statement under way has none to cancel. */
function commandsFor(root: LockRoot, { parties }: LockConflicts): readonly Command[] {
  const head = findQueueHead(root, parties)
  const isClient = root.party.backendType === 'client backend' && root.party.transactionStart !== ''
  return [
    ...(head === undefined || head.party.transactionStart === '' ? [] : [{ sql: cancelStatement(head.party) }]),
    ...(isClient && root.party.state === 'active' ? [{ sql: cancelStatement(root.party) }] : []),
    ...(isClient ? [{ sql: endTransactionStatement(root.party) }] : []),
  ]
}

function rollbackCommand({ gid, database }: PreparedTransaction): Command {
  return { sql: rollbackPreparedStatement(gid), database }
}
