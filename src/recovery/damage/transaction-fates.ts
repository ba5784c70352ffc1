import type { Inspection } from '../../server/inspection.ts'
import type { TransactionFate, TransactionFates } from './row-life.ts'

/** Transaction numbers on a page have 32 bits, and count on where they end: each is taken for the latest that is not in the future. */
const FATES = (xids: readonly number[]): string => `
  with now as (select pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())::text::bigint as next),
       full_xid as (
         select x as xid, (next >> 32 << 32) + x - case when (next & 4294967295) <= x then 4294967296 else 0 end as id
           from now, pg_catalog.unnest(array[${xids.join(',')}]::bigint[]) as u(x))
  select xid::text, coalesce(pg_catalog.pg_xact_status(id::text::pg_catalog.xid8), 'unknown') as fate from full_xid where id > 0`

const DELETER = (multixact: number): string => `
  select xid::text from pg_catalog.pg_get_multixact_members('${multixact}'::pg_catalog.xid) where mode in ('upd', 'nokeyupd') limit 1`

/** Asks the server what became of the transactions that a page names; what it cannot tell is `unknown`. */
export async function lookUpFates(
  { ask }: Pick<Inspection, 'ask'>,
  { xids, multixacts }: { readonly xids: readonly number[]; readonly multixacts: readonly number[] },
): Promise<TransactionFates> {
  const deleters = new Map<number, number>()
  for (const multixact of multixacts) {
    const answer = await ask(DELETER(multixact))
    const xid = answer.ok ? answer.rows[0]?.['xid'] : undefined
    if (xid !== undefined) deleters.set(multixact, Number(xid))
  }
  const all = [...new Set([...xids, ...deleters.values()])]
  const answer = all.length === 0 ? undefined : await ask(FATES(all))
  const rows = answer?.ok === true ? answer.rows : []
  const fates = new Map(rows.map((row) => [Number(row['xid']), row['fate'] as TransactionFate]))
  return { fateOf: (xid) => fates.get(xid) ?? 'unknown', deleterOf: (multixact) => deleters.get(multixact) }
}
