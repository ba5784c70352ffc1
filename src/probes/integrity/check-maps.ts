import type { Damage } from '../../core/facts.ts'
import type { Outside } from '../../ports/outside.ts'
import type { Answer, Session } from '../../ports/postgres.ts'
import { ask, describeFailure, inSession } from '../../server/ask.ts'
import type { Inspection } from '../../server/inspection.ts'
import { inspect } from '../../server/inspection.ts'

const PURPOSE = 'integrity'
const LIST_MS = 10_000
const TABLE_MS = 60_000
/** A batch is one transaction, which holds vacuum back for as long. */
const BATCH_MS = 30_000
const SAID_AT_MOST = 10

const DATABASES = `select datname from pg_catalog.pg_database where datallowconn and not pg_catalog.pg_is_in_recovery() order by datname limit 200`
const TABLES = `
  select c.oid::text as oid, pg_catalog.pg_relation_filepath(c.oid) as path, c.oid::pg_catalog.regclass::text as name
    from pg_catalog.pg_class c
   where c.relkind in ('r', 'm', 't') and c.relpersistence <> 't' and c.relallvisible > 0
   order by c.relpages limit 10000`

type Host = Pick<Outside, 'postgres' | 'clock'>

interface Table {
  readonly oid: string
  readonly path: string
  readonly name: string
}

/** What comparing visibility maps with their tables came to. */
export interface MapCheck {
  /** Maps that claim what their table does not hold. */
  readonly damages: readonly Damage[]
  readonly tables: number
  /** What was not looked at, and why; at most 10. */
  readonly left: readonly string[]
}

/**
 * Compares each visibility map with its table by `pg_check_visible` and `pg_check_frozen`, in every database of a primary where
 * `pg_visibility` is installed or can be; what is created for that is rolled back. Rests as long as it works.
 */
export async function checkMaps(host: Host, signal: AbortSignal): Promise<MapCheck> {
  const databases = await ask(host, { text: DATABASES, timeoutMs: LIST_MS, purpose: PURPOSE }, signal)
  if (!databases.ok) return { damages: [], tables: 0, left: [`the databases could not be listed: ${describeFailure(databases.failure)}`] }
  const checks: MapCheck[] = []
  for (const { datname } of databases.value) {
    if (signal.aborted) break
    checks.push(await checkDatabase(host, String(datname), signal))
  }
  return {
    damages: checks.flatMap(({ damages }) => damages),
    tables: checks.reduce((sum, { tables }) => sum + tables, 0),
    left: checks.flatMap(({ left }) => left).slice(0, SAID_AT_MOST),
  }
}

async function checkDatabase(host: Host, database: string, signal: AbortSignal): Promise<MapCheck> {
  const leave = (why: string): MapCheck => ({ damages: [], tables: 0, left: [`the maps in ${database}: ${why}`] })
  const listed = await ask(host, { database, text: TABLES, timeoutMs: LIST_MS, purpose: PURPOSE }, signal)
  if (!listed.ok) return leave(describeFailure(listed.failure))
  const tables = listed.value.map((row) => ({ oid: String(row['oid']), path: String(row['path']), name: String(row['name']) }))
  const batches: MapCheck[] = []
  for (let next = 0; next < tables.length && !signal.aborted;) {
    const batch = await inSession(host, { database, purpose: PURPOSE }, signal, (session) =>
      checkBatch(host, session, database, tables.slice(next), signal),
    )
    if (!batch.ok) return leave(describeFailure(batch.failure))
    if (batch.value === undefined) return leave('pg_visibility is not installed on this host')
    batches.push(batch.value)
    next += batch.value.tables
  }
  return {
    damages: batches.flatMap(({ damages }) => damages),
    tables: tables.length,
    left: batches.flatMap(({ left }) => left),
  }
}

async function checkBatch(
  host: Host,
  session: Session,
  database: string,
  tables: readonly Table[],
  signal: AbortSignal,
): Promise<Answer<MapCheck | undefined>> {
  const value = await inspect(session, 'pg_visibility', TABLE_MS, signal, (inspection) =>
    checkTables(host, inspection, database, tables, signal),
  )
  return { ok: true, value, tookMs: 0 }
}

/** At least one table, and no more after the batch's time. */
async function checkTables(
  { clock }: Host,
  inspection: Inspection,
  database: string,
  tables: readonly Table[],
  signal: AbortSignal,
): Promise<MapCheck> {
  const damages: Damage[] = []
  const left: string[] = []
  const begunMs = clock.monotonicMs()
  let looked = 0
  for (const table of tables) {
    const startedMs = clock.monotonicMs()
    if (signal.aborted || (looked > 0 && startedMs - begunMs > BATCH_MS)) break
    looked += 1
    const asked = await inspection.ask(wrongIn(inspection.schema, table))
    if (!asked.ok) left.push(`the map of ${table.name} in ${database}: ${describeFailure(asked.failure)}`)
    else if (Number(asked.rows[0]?.['wrong']) > 0) damages.push(damageOf(database, table))
    if (!asked.ok && asked.failure.kind !== 'rejected') break
    await clock.sleep(clock.monotonicMs() - startedMs, signal)
  }
  return { damages, tables: looked, left }
}

function wrongIn(schema: string, { oid }: Table): string {
  const [visible, frozen] = ['pg_check_visible', 'pg_check_frozen'].map(
    (name) => `select 1 from ${schema}.${name}(${oid}::pg_catalog.regclass)`,
  )
  return `select pg_catalog.count(*)::int as wrong from ((${visible} limit 1) union all (${frozen} limit 1)) as each`
}

function damageOf(database: string, { path, name }: Table): Damage {
  const message = `the visibility map of ${name} in ${database} claims rows to be visible to all or frozen that are not`
  return { kind: 'visibility', relationPath: `${path}_vm`, block: -1, message, proved: true }
}
