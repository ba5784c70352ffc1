import { recordChange } from '../changes/change-log.ts'
import { describeFailure } from '../server/databases.ts'
import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import { mendBy } from './repair-session.ts'

/** What clearing away came to. */
export interface Cleared {
  readonly did: readonly string[]
  /** Left-overs that could not be dropped, with the statement that does it. */
  readonly notDone: readonly string[]
}

const TIMEOUT_MS = 10_000
/** Of the time that a remedy has: whoever reads the table is waited for no longer. */
const LOCK_SHARE = 0.1
const LOCK_WAIT_MS = 60_000

/**
 * What rebuilds that were broken off leave behind: `_ccnew`, which was not finished, or `_ccold`, which was replaced and may be
 * the damaged one, and which every write to the table still has to keep up. One that somebody builds this moment is no left-over.
 */
const LEFT_OVERS = (tableOid: number): string => `
  select pg_catalog.format('%I.%I', n.nspname, c.relname) as name
    from pg_catalog.pg_index i
    join pg_catalog.pg_class c on c.oid = i.indexrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
   where i.indrelid = ${tableOid} and not i.indisvalid and c.relname ~ '_cc(new|old)[0-9]*$'
     and not exists (select from pg_catalog.pg_stat_progress_create_index p where p.relid = i.indrelid)
   order by 1`

/** Drops the invalid left-overs of broken-off rebuilds on one table. `by` is the remedy that the changes are recorded for. */
export async function dropLeftOvers(
  context: StepContext,
  by: string,
  { database, tableOid }: { readonly database: string; readonly tableOid: number },
  signal: AbortSignal,
): Promise<Cleared> {
  const listed = await askOnce(context, database, LEFT_OVERS(tableOid), TIMEOUT_MS, signal)
  const lockWaitMs = Math.min(LOCK_WAIT_MS, Math.floor(LOCK_SHARE * context.settings.repair.statementTimeoutMs))
  const [did, notDone]: [string[], string[]] = [[], []]
  for (const row of listed.ok ? listed.value : []) {
    const name = String(row['name'])
    const text = `drop index concurrently ${name}`
    await recordChange(context, by, { kind: 'rebuilt', what: name, database, by: text })
    const answer = await mendBy(context, database, text, signal, { lock_timeout: `${lockWaitMs}` })
    if (answer.ok) did.push(`dropped ${name}, which a rebuild had left behind`)
    else notDone.push(`${name} in ${database} is left of a rebuild: ${text} (${describeFailure(answer.failure)})`)
  }
  return { did, notDone }
}
