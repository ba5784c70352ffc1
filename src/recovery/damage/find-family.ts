import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import { SELECT_RELATIONS, toRelation } from './find-relation.ts'

const TIMEOUT_MS = 10_000
const INDEXES_AT_MOST = 200

/** The table of an index, and the table itself of anything else. */
const TABLE = (oid: number): string => `coalesce((select indrelid from pg_catalog.pg_index where indexrelid = ${oid}), ${oid})`

/** The same, and of a TOAST table or its index the table whose long values it holds. */
const OWNER = (oid: number): string =>
  `coalesce((select c.oid from pg_catalog.pg_class c where c.reltoastrelid = ${TABLE(oid)} and c.reltoastrelid <> 0), ${TABLE(oid)})`

/** Quoted and qualified: the table that a vacuum of the relation's maps has to name; `undefined` when it cannot be asked. */
export async function findTable(context: StepContext, { database, oid }: Relation, signal: AbortSignal): Promise<string | undefined> {
  const answer = await askOnce(context, database, `${SELECT_RELATIONS} where c.oid = ${TABLE(oid)}`, TIMEOUT_MS, signal)
  return answer.ok ? answer.value.map(toRelation)[0]?.name : undefined
}

/**
 * The table that a relation belongs to, with its indexes, its TOAST table and that one's index: what is damaged in one of them is
 * often damaged in another, and rebuilding one reads the others. At most 200; `undefined` when it cannot be asked.
 */
export async function findFamily(
  context: StepContext,
  { database, oid }: Relation,
  signal: AbortSignal,
): Promise<readonly Relation[] | undefined> {
  const text = `${SELECT_RELATIONS}
    cross join (select ${OWNER(oid)} as oid) as owner
    where c.relkind in ('r', 'm', 't', 'i')
      and (c.oid = owner.oid
           or c.oid in (select indexrelid from pg_catalog.pg_index where indrelid = owner.oid)
           or c.oid in (select reltoastrelid from pg_catalog.pg_class where oid = owner.oid)
           or c.oid in (select i.indexrelid from pg_catalog.pg_index i join pg_catalog.pg_class o on o.reltoastrelid = i.indrelid
                         where o.oid = owner.oid))
    order by c.oid limit ${INDEXES_AT_MOST}`
  const answer = await askOnce(context, database, text, TIMEOUT_MS, signal)
  return answer.ok ? answer.value.map(toRelation) : undefined
}
