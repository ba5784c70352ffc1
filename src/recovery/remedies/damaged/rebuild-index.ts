import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isIndex } from '../../damage/damaged-relation.ts'
import type { Relation } from '../../damage/find-relation.ts'
import { recordChange } from '../../changes/change-log.ts'
import { describeFailure } from '../../server/databases.ts'
import { askOnce } from '../../server/login.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

/** What a failed concurrent rebuild leaves behind; the old index is untouched by it. */
const LEFT_OVER = (oid: number): string => `
  select pg_catalog.format('drop index concurrently %I.%I', n.nspname, c.relname) as statement
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where i.indrelid = (select indrelid from pg_catalog.pg_index where indexrelid = ${oid})
     and not i.indisvalid and c.relname ~ '_ccnew[0-9]*$'`

/** An index holds nothing that its table does not. */
export const rebuildIndex: Remedy<DamagedRelation> = {
  name: 'rebuild-index',
  purpose: 'build a damaged index anew from its table',
  changes: 'REINDEX INDEX CONCURRENTLY, beside readers and writers; REINDEX INDEX, which locks out writers, where that fails',
  keeps: 'nothing: an index holds nothing that its table does not',
  undo: 'impossible and not wanted: the index was damaged',
  proof: 'the server has built it from every row of the table',
  cost: 'a lock',
  precondition,
  run,
}

async function precondition(_: StepContext, subject: DamagedRelation): Promise<Check> {
  if (!isIndex(subject)) return { go: 'skip', because: 'it is not an index' }
  return subject.relation.isCatalog
    ? { go: 'skip', because: 'it belongs to a system catalog' }
    : { go: 'run', because: 'an index is built anew from its table, and nothing is lost' }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation } = subject as KnownRelation
  const ways = relation.isToast ? ['reindex index'] : ['reindex index concurrently', 'reindex index']
  let failure = ''
  for (const way of ways) {
    const text = `${way} ${relation.name}`
    await recordChange(context, 'rebuild-index', { kind: 'rebuilt', what: relation.name, database: relation.database, by: text })
    const answer = await askOnce(context, relation.database, text, context.settings.repair.statementTimeoutMs, signal)
    if (answer.ok) return { ended: 'mended', did: [`rebuilt the index ${relation.name} in ${relation.database}, nothing lost`] }
    failure = describeFailure(answer.failure)
    await dropLeftOver(context, relation, signal)
  }
  return { ended: 'not-mended', why: `the index ${relation.name} could not be rebuilt: ${failure}`, did: [] }
}

async function dropLeftOver(context: StepContext, relation: Relation, signal: AbortSignal): Promise<void> {
  const answer = await askOnce(context, relation.database, LEFT_OVER(relation.oid), 10_000, signal)
  if (!answer.ok) return
  const timeoutMs = context.settings.repair.statementTimeoutMs
  for (const row of answer.value) await askOnce(context, relation.database, String(row['statement']), timeoutMs, signal)
}
