import type { Session } from '../../ports/postgres.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import type { Inspection } from '../../server/inspection.ts'
import { inspect } from '../../server/inspection.ts'
import { withRepairSession } from './repair-session.ts'

/** What making pages dirty is given: every statement is short, and nobody is waited for long. */
interface Work {
  readonly session: Session
  readonly relation: Relation
  readonly blocks: readonly number[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** TID ranges are then scanned as such and touch no other page. */
const SETTINGS = { lock_timeout: '5s', enable_seqscan: 'off' }
const TIMEOUT_MS = 30_000

/**
 * Makes the server hold pages for changed that it has whole in its buffers, without changing what they say; a page that it has
 * to read from disk fails to be read, which harms nothing. The next checkpoint writes them.
 */
export async function dirtyPages(context: StepContext, relation: Relation, blocks: readonly number[], signal: AbortSignal): Promise<void> {
  await withRepairSession(context, relation.database, SETTINGS, signal, async (session) => {
    const work = { session, relation, blocks, timeoutMs: TIMEOUT_MS, signal }
    await (relation.kind === 'r' ? lockRows(work) : freezeRows(work))
    const timeoutMs = context.settings.repair.statementTimeoutMs / 2
    return session.query({ text: 'checkpoint', timeoutMs }, signal)
  })
}

/**
 * A row lock is a mark on the page: it changes no value, fires no trigger and replicates nothing. A page without a row that can be
 * seen is left to a vacuum, which has to clear away the dead ones.
 */
async function lockRows({ session, relation, blocks, timeoutMs, signal }: Work): Promise<void> {
  let rowless = false
  for (const block of blocks) {
    const text = `select 1 from only ${relation.name} where ${onPage(block)} limit 1 for key share skip locked`
    const answer = await session.query({ text, timeoutMs }, signal)
    rowless ||= answer.ok && answer.value.length === 0
  }
  if (rowless) await session.query({ text: `vacuum (disable_page_skipping, truncate off) ${relation.name}`, timeoutMs }, signal)
}

/**
 * Rows of TOAST tables and materialized views cannot be locked. To freeze one that everybody sees, and that nobody has deleted,
 * says of it what is true already.
 */
async function freezeRows({ session, relation, blocks, timeoutMs, signal }: Work): Promise<void> {
  await inspect(session, 'pg_surgery', timeoutMs, signal, async ({ schema, ask }) => {
    if (!(await keepDeletersOut(ask, relation))) return
    for (const block of blocks) {
      const row = await ask(SETTLED_ROW(relation, block))
      if (row.ok && row.rows[0] !== undefined) await ask(FREEZE(schema, relation, String(row.rows[0]['ctid'])))
    }
  })
}

const SETTLED_ROW = ({ name }: Relation, block: number): string =>
  `select ctid::text from ${name} where ${onPage(block)} and xmax::text = '0' and ${SEEN_BY_ALL} limit 1`

/** In a statement of its own: the page must not be in use by a scan. */
const FREEZE = (schema: string, { name }: Relation, tid: string): string =>
  `select ${schema}.heap_force_freeze('${name.replaceAll("'", "''")}', array['${tid}']::tid[])`

const SEEN_BY_ALL = `pg_catalog.age(xmin) > pg_catalog.age(pg_catalog.xid(pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())))`

/** The statement after which nobody deletes rows until the end of the transaction: a TOAST table is locked by its table. */
const LOCK = ({ kind, name, oid }: Relation): string =>
  kind === 'm'
    ? `select 'alter materialized view ${name.replaceAll("'", "''")} set (autovacuum_enabled = true)' as text`
    : `select pg_catalog.format('lock table only %I.%I in share mode', n.nspname, c.relname) as text
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.reltoastrelid = ${oid}`

async function keepDeletersOut(ask: Inspection['ask'], relation: Relation): Promise<boolean> {
  const found = await ask(LOCK(relation))
  const text = found.ok ? found.rows[0]?.['text'] : undefined
  return typeof text === 'string' && (await ask(text)).ok
}

function onPage(block: number): string {
  return `ctid >= '(${block},0)'::tid and ctid < '(${block + 1},0)'::tid`
}
