import { recordChange } from '../../changes/change-log.ts'
import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isIndex } from '../../damage/damaged-relation.ts'
import type { Relation } from '../../damage/find-relation.ts'
import type { Cleared } from '../../damage/index-left-overs.ts'
import { dropLeftOvers } from '../../damage/index-left-overs.ts'
import type { IndexState } from '../../damage/index-state.ts'
import { readIndexState } from '../../damage/index-state.ts'
import { mendBy } from '../../damage/repair-session.ts'
import { whyNoRoom } from '../../damage/room-for-copy.ts'
import { scanPages } from '../../damage/scan-pages.ts'
import { describeFailure } from '../../server/databases.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

/** Behind a lock that is waited for, everybody else waits too. */
const SHORT_WAIT = { lock_timeout: '5s' }
const CANNOT_BE_CONCURRENT = '0A000'

const NOTHING: Cleared = { did: [], notDone: [] }

/** An index holds nothing that its table does not. */
export const rebuildIndex: Remedy<DamagedRelation> = {
  name: 'rebuild-index',
  purpose: 'build a damaged index anew from its table, and clear away what earlier rebuilds left behind',
  changes:
    'REINDEX INDEX CONCURRENTLY, beside readers and writers; REINDEX INDEX for an exclusion constraint; drops invalid _ccnew and _ccold',
  keeps: 'the images of its damaged pages; it holds nothing that its table does not',
  undo: 'impossible and not wanted: the index was damaged',
  proof: 'the server has built it from every row, and its new file is read from disk',
  cost: 'a lock',
  precondition,
  run,
}

async function precondition(context: StepContext, subject: DamagedRelation): Promise<Check> {
  if (!isIndex(subject)) return { go: 'skip', because: 'it is not an index' }
  if (subject.relation.isCatalog) return { go: 'skip', because: 'it belongs to a system catalog' }
  const shortage = await whyNoRoom(context, subject.relation, subject.relation.totalBytes)
  return shortage === undefined
    ? { go: 'run', because: 'an index is built anew from its table, and nothing is lost' }
    : { go: 'stop', because: `the index was left: ${shortage}`, held: true }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation } = subject as KnownRelation
  const first = await readIndexState(context, relation, signal)
  const earlier = first.ok && first.value !== undefined ? await clear(context, relation, first.value, signal) : NOTHING
  const before = await readIndexState(context, relation, signal)
  if (!before.ok)
    return { ended: 'not-mended', why: `${relation.name} could not be looked at: ${describeFailure(before.failure)}`, did: [] }
  if (before.value === undefined) return { ended: 'mended', did: earlier.did }
  const failure = await rebuild(context, relation, signal)
  const own = await clear(context, relation, before.value, signal)
  const problem = await findProblem(context, relation, before.value, failure, signal)
  if (problem !== undefined)
    return {
      ended: 'not-mended',
      why: `the index ${relation.name} could not be rebuilt: ${problem}`,
      did: earlier.did,
      notDone: own.notDone,
    }
  const did = [...earlier.did, `rebuilt the index ${relation.name} in ${relation.database}, nothing lost`, ...own.did]
  return { ended: 'mended', did, notDone: own.notDone }
}

function clear(context: StepContext, { database }: Relation, { tableOid }: IndexState, signal: AbortSignal): Promise<Cleared> {
  return dropLeftOvers(context, 'rebuild-index', { database, tableOid }, signal)
}

/** Why the server could not, or `undefined`. */
async function rebuild(context: StepContext, relation: Relation, signal: AbortSignal): Promise<string | undefined> {
  const concurrently = await reindex(context, relation, `reindex index concurrently ${relation.name}`, {}, signal)
  if (concurrently === undefined || !concurrently.startsWith(CANNOT_BE_CONCURRENT)) return concurrently
  return reindex(context, relation, `reindex index ${relation.name}`, SHORT_WAIT, signal)
}

async function reindex(
  context: StepContext,
  { name, database }: Relation,
  text: string,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  context.report(`rebuilding ${name} by ${text}`)
  await recordChange(context, 'rebuild-index', { kind: 'rebuilt', what: name, database, by: text })
  const answer = await mendBy(context, database, text, signal, settings)
  return answer.ok ? undefined : describeFailure(answer.failure)
}

/**
 * What speaks against the index as it is now. A rebuild that fails while it only waits to drop the old index has put the new one
 * in its place already.
 */
async function findProblem(
  context: StepContext,
  relation: Relation,
  before: IndexState,
  failure: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const after = await readIndexState(context, relation, signal)
  if (!after.ok) return describeFailure(after.failure)
  if (after.value === undefined) return failure ?? 'it was dropped meanwhile'
  if (after.value.path === before.path || !after.value.isValid) return failure ?? 'it was not given a new file'
  await mendBy(context, relation.database, 'checkpoint', signal)
  const bad = await scanPages(context, after.value.path, signal)
  return bad.length === 0 ? undefined : `its new file has ${bad.length} damaged pages`
}
