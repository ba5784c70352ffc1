import { describeParty, describeRoot } from '../../../core/sessions/describe-conflicts.ts'
import { describeDuration } from '../../../core/describe-duration.ts'
import type { LockConflicts, LockRoot } from '../../../core/sessions/lock-conflicts.ts'
import { findRoots, reasonToSpare } from '../../../core/sessions/lock-conflicts.ts'
import { cancelStatement, endTransactionStatement, whileItBlocks } from '../../../core/sessions/statements.ts'
import { recordChange } from '../../changes/change-log.ts'
import { keepInIncident, timeStamp } from '../../server/incident-files.ts'
import { pollUntil } from '../../server/poll.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Target } from '../ladder.ts'
import type { RemedyResult } from '../remedy.ts'

/** One transaction that blocks others, as it was found; it is the same one for as long as these are the same. */
export type Blocker = Pick<LockRoot['party'], 'pid' | 'backendStart' | 'transactionStart'>

export type Ending = 'cancel' | 'terminate'

const MOST_TARGETS = 5
const STATEMENT_TIMEOUT_MS = 5_000
/** Giving up a statement, or rolling back, takes the server no time; what lasts longer does not obey. */
const RELEASE_TIMEOUT_MS = 5_000
const LOOK_EVERY_MS = 200

/** Those that may be ended, whoever blocks longest first. */
export async function findBlockers(context: StepContext, signal: AbortSignal): Promise<readonly Target<Blocker>[]> {
  const conflicts = await context.sessions.conflicts(signal)
  const roots = findRoots(conflicts).filter((root) => reasonToSpare(root, conflicts.policy) === undefined)
  return roots.slice(0, MOST_TARGETS).map(({ party }) => ({ name: describeParty(party), subject: party }))
}

/** Looks once more: a blocker that has gone on by itself is left in peace. */
export async function checkBlocker(context: StepContext, blocker: Blocker, ending: Ending, signal: AbortSignal): Promise<Check> {
  const conflicts = await context.sessions.conflicts(signal)
  const root = findRoot(conflicts, blocker)
  if (root === undefined) return { go: 'skip', because: 'nobody waits for it any more' }
  const spared = reasonToSpare(root, conflicts.policy)
  if (spared !== undefined) return { go: 'stop', because: spared, held: true }
  if (conflicts.policy.policy !== 'act')
    return { go: 'stop', because: `recovery.blockers.policy is ${conflicts.policy.policy}`, held: true }
  if (ending === 'cancel' && root.party.state !== 'active')
    return { go: 'skip', because: `it is ${root.party.state}: there is no statement to cancel` }
  return { go: 'run', because: describeBlocking(root) }
}

function findRoot(conflicts: LockConflicts, { pid, backendStart, transactionStart }: Blocker): LockRoot | undefined {
  return findRoots(conflicts).find(
    ({ party }) => party.pid === pid && party.backendStart === backendStart && party.transactionStart === transactionStart,
  )
}

/** "3 sessions wait for it, for up to 12 min" */
function describeBlocking({ waiters, blocksForMs }: LockRoot): string {
  return `${waiters.length === 1 ? '1 session waits' : `${waiters.length} sessions wait`} for it, for up to ${describeDuration(blocksForMs ?? 0)}`
}

/** Keeps the tree, records whom it concerns, and ends it while it still blocks. Mended is what nobody waits for any more. */
export async function endBlocker(
  context: StepContext,
  by: string,
  blocker: Blocker,
  ending: Ending,
  signal: AbortSignal,
): Promise<RemedyResult<Blocker>> {
  const conflicts = await context.sessions.conflicts(signal)
  const root = findRoot(conflicts, blocker)
  if (root === undefined) return { ended: 'mended', did: [] }
  await keepInIncident(context, `locks-${timeStamp(context)}-${blocker.pid}.json`, `${JSON.stringify(conflicts, undefined, 1)}\n`)
  const what = ending === 'cancel' ? 'cancelled the statement of' : 'ended the session with'
  const whom = describeParty(root.party)
  await recordChange(context, by, { kind: 'sessions-ended', sessions: [`${what} ${describeRoot(root)[0] ?? whom}`] })
  const asked = await ask(context, blocker, ending, signal)
  if (asked !== 'done') return { ended: 'not-mended', why: `${whom}: ${asked}`, did: [] }
  const did = [`${what} ${whom}: ${describeBlocking(root)}`]
  if (await isReleased(context, blocker, signal)) return { ended: 'mended', did }
  return { ended: 'not-mended', why: `${whom} keeps its locks all the same`, did }
}

async function ask(context: StepContext, blocker: Blocker, ending: Ending, signal: AbortSignal): Promise<string> {
  const text = whileItBlocks(ending === 'cancel' ? cancelStatement(blocker) : endTransactionStatement(blocker), blocker.pid)
  const answer = await context.sessions.use(signal, (session) => session.query({ text, timeoutMs: STATEMENT_TIMEOUT_MS }, signal))
  if (!answer.ok) return answer.failure.message
  return answer.value.some((row) => row['ended'] === true) ? 'done' : 'it was in another transaction by then, or blocked nobody any more'
}

function isReleased(context: StepContext, blocker: Blocker, signal: AbortSignal): Promise<boolean> {
  const limits = { timeoutMs: RELEASE_TIMEOUT_MS, intervalMs: LOOK_EVERY_MS }
  const isGone = async (): Promise<boolean> => findRoot(await context.sessions.conflicts(signal), blocker) === undefined
  return pollUntil(context.outside.clock, limits, signal, isGone)
}
