import type { Damage } from '../../core/facts.ts'
import type { Outside } from '../../ports/outside.ts'
import type { Row } from '../../ports/postgres.ts'
import { ask, inSession } from '../../server/ask.ts'
import { inspect } from '../../server/inspection.ts'

const PURPOSE = 'integrity'
const LIST_MS = 10_000
const CHECK_MS = 60_000
const ASKED_AT_MOST = 20
/** Data and index corruption: what amcheck raises where an index is not what it should be. */
const CORRUPTED = /^XX00[12]$/

const DATABASES = `select datname from pg_catalog.pg_database where datallowconn and not pg_catalog.pg_is_in_recovery() order by datname limit 200`
const INDEXES = `
  select c.oid::text as oid, c.relname::text as name, pg_catalog.pg_relation_filepath(c.oid) as path
    from pg_catalog.pg_class c join pg_catalog.pg_am a on a.oid = c.relam
   where c.relkind = 'i' and c.relpersistence <> 't' and a.amname = 'btree' and c.relname = any($1::text[])
   limit ${ASKED_AT_MOST}`
/** Relations that have fewer pages than the last vacuum or analysis counted, which writes anew what it cuts off. */
const CUT_SHORT = `
  select pg_catalog.pg_relation_filepath(c.oid) as path, c.relpages as pages_once, pg_catalog.pg_relation_size(c.oid) / 8192 as pages
    from pg_catalog.pg_class c
   where pg_catalog.pg_relation_filepath(c.oid) = any($1::text[]) and c.relpages > pg_catalog.pg_relation_size(c.oid) / 8192`

type Host = Pick<Outside, 'postgres'>

/** Whether files alone cannot tell if the damage is there: what is named without its file, a file cut off at the end of a page. */
export function needsServer({ kind, proved }: Damage): boolean {
  return ['index', 'lost-value', 'short-file'].includes(kind) && proved !== true
}

/**
 * Those of the damages named by the log that the server shows when it is asked: any user may write such a line. Indexes are checked by
 * `amcheck`, where it is installed or can be (what is created for that is rolled back); lengths by the catalog. At most 20 of each.
 */
export async function proveNamed(host: Host, suspicions: readonly Damage[], signal: AbortSignal): Promise<readonly Damage[]> {
  const databases = await ask(host, { text: DATABASES, timeoutMs: LIST_MS, purpose: PURPOSE }, signal)
  const asked = suspicions.filter(needsServer)
  const proved: Damage[] = []
  for (const { datname } of databases.ok ? databases.value : []) {
    if (signal.aborted) break
    proved.push(
      ...(await proveIndexes(host, String(datname), asked, signal)),
      ...(await proveLengths(host, String(datname), asked, signal)),
    )
  }
  return proved
}

async function proveIndexes(host: Host, database: string, asked: readonly Damage[], signal: AbortSignal): Promise<readonly Damage[]> {
  const named = asked.filter(({ kind }) => kind === 'index')
  const found: Damage[] = []
  for (const row of await rowsFor(host, database, INDEXES, named, signal)) {
    const words = await checkIndex(host, database, String(row['oid']), signal)
    if (words === undefined) continue
    const message = `the index ${String(row['name'])} in ${database} is damaged: ${words}`
    found.push({ kind: 'index', relationPath: String(row['path']), block: -1, message, proved: true })
  }
  return found
}

/** What amcheck has against it; `undefined` where it has nothing, or could not look. */
async function checkIndex(host: Host, database: string, oid: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await inSession(host, { database, purpose: PURPOSE }, signal, async (session) => {
    const asked = await inspect(session, 'amcheck', CHECK_MS, signal, ({ schema, ask: askIn }) =>
      askIn(`select ${schema}.bt_index_check(${oid}::pg_catalog.regclass)`),
    )
    return { ok: true, value: asked, tookMs: 0 }
  })
  if (!answer.ok || answer.value === undefined || answer.value.ok) return undefined
  const { sqlState = '', message } = answer.value.failure
  return CORRUPTED.test(sqlState) ? message : undefined
}

async function proveLengths(host: Host, database: string, asked: readonly Damage[], signal: AbortSignal): Promise<readonly Damage[]> {
  const short = asked.filter(({ kind }) => kind === 'short-file')
  const rows = await rowsFor(host, database, CUT_SHORT, short, signal)
  return short.flatMap((damage) => {
    const row = rows.find(({ path }) => path === damage.relationPath)
    const isCutOff = row !== undefined && damage.block >= Number(row['pages']) && damage.block < Number(row['pages_once'])
    return isCutOff ? [{ ...damage, proved: true }] : []
  })
}

async function rowsFor(host: Host, database: string, text: string, named: readonly Damage[], signal: AbortSignal): Promise<readonly Row[]> {
  if (named.length === 0) return []
  const values = [named.slice(0, ASKED_AT_MOST).map(({ relationPath }) => relationPath)]
  const answer = await ask(host, { database, text, values, timeoutMs: LIST_MS, purpose: PURPOSE }, signal)
  return answer.ok ? answer.value : []
}
