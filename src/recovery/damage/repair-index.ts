import { describeFailure } from '../server/databases.ts'
import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import type { Repair } from './repair.ts'
import { leaveToPerson } from './repair.ts'

/** What a failed concurrent rebuild leaves behind; the old index is untouched by it. */
const LEFT_OVER = (oid: number): string => `
  select pg_catalog.format('drop index concurrently %I.%I', n.nspname, c.relname) as statement
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where i.indrelid = (select indrelid from pg_catalog.pg_index where indexrelid = ${oid})
     and not i.indisvalid and c.relname ~ '_ccnew[0-9]*$'`

/** Builds an index anew from its table, beside the readers and writers where possible: nothing is lost. */
export async function repairIndex(context: StepContext, relation: Relation, signal: AbortSignal): Promise<Repair> {
  context.report(`rebuilding ${relation.name}`)
  const ways = relation.isToast ? ['reindex index'] : ['reindex index concurrently', 'reindex index']
  let failure = ''
  for (const way of ways) {
    const answer = await askOnce(context, relation.database, `${way} ${relation.name}`, context.settings.repair.statementTimeoutMs, signal)
    if (answer.ok) return { did: [`rebuilt the index ${relation.name} in ${relation.database}, nothing lost`], notDone: [], proven: true }
    failure = describeFailure(answer.failure)
    await dropLeftOver(context, relation, signal)
  }
  return leaveToPerson(`the index ${relation.name} could not be rebuilt: ${failure}`)
}

async function dropLeftOver(context: StepContext, relation: Relation, signal: AbortSignal): Promise<void> {
  const answer = await askOnce(context, relation.database, LEFT_OVER(relation.oid), 10_000, signal)
  if (!answer.ok) return
  const timeoutMs = context.settings.repair.statementTimeoutMs
  for (const row of answer.value) await askOnce(context, relation.database, String(row['statement']), timeoutMs, signal)
}
