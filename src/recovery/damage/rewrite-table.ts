import type { Answer, PostgresFailure, Row, Session } from '../../ports/postgres.ts'
import { describeFailure } from '../server/databases.ts'
import { withSession } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import { withGate } from './rewrite-gate.ts'
import { withRepairSession } from './repair-session.ts'

const TIMEOUT_MS = 10_000
/** Behind the lock that is waited for, everybody else waits too. */
const SETTINGS = { lock_timeout: '5s', client_min_messages: 'warning' }
const TRIES = 6
const TRY_AGAIN_AFTER_MS = 10_000
const LOCK_NOT_AVAILABLE = '55P03'
const ZEROED = /^invalid page in block (?<block>\d+) of relation (?<path>\S+); zeroing out page/

/**
 * Rewrites one table without its damaged pages, the given ones and no other. `zero_damaged_pages` alone only zeroes buffers, so the
 * table and all its indexes are written anew (`VACUUM FULL`) in the same session, which ends right after; the old file stays as it
 * was until the new one is whole. Returns why it failed, or `undefined`.
 */
export async function rewriteWithout(
  context: StepContext,
  relation: Relation,
  blocks: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const { failure, unforeseen } = await rewriteOnce(context, relation, blocks, signal)
    if (unforeseen !== undefined) return `it was broken off, because more is damaged than was kept: ${unforeseen}`
    if (failure === undefined) return undefined
    if (failure.sqlState !== LOCK_NOT_AVAILABLE || attempt >= TRIES || signal.aborted) return describeFailure(failure)
    await context.outside.clock.sleep(TRY_AGAIN_AFTER_MS, signal)
  }
}

interface Rewriting {
  readonly failure: PostgresFailure | undefined
  /** What the server said of a page that was zeroed and is none of those that were given up. */
  readonly unforeseen: string | undefined
}

async function rewriteOnce(context: StepContext, relation: Relation, blocks: ReadonlySet<number>, signal: AbortSignal): Promise<Rewriting> {
  const timeoutMs = context.settings.repair.statementTimeoutMs / 2
  let unforeseen: string | undefined
  const answer = await withGate(context, relation, signal, (gate) =>
    withRepairSession(context, relation.database, SETTINGS, signal, (session) => {
      session.onNotice(({ message }) => {
        if (!isForeseen(message, relation, blocks)) unforeseen ??= message
      })
      return gate.watch(session, rewriteIn(session, relation, timeoutMs, signal), () => unforeseen === undefined)
    }),
  )
  return { failure: answer.ok ? undefined : answer.failure, unforeseen }
}

/** Nothing else is ever asked while the setting is on: an index scan would mark entries of the lost rows as dead. */
async function rewriteIn(session: Session, { name }: Relation, timeoutMs: number, signal: AbortSignal): Promise<Answer<readonly Row[]>> {
  const on = await session.query({ text: 'set zero_damaged_pages = on', timeoutMs: TIMEOUT_MS }, signal)
  if (!on.ok) return on
  const rewritten = await session.query({ text: `vacuum (full) ${name}`, timeoutMs }, signal)
  await session.query({ text: 'reset zero_damaged_pages', timeoutMs: TIMEOUT_MS }, signal)
  return rewritten
}

function isForeseen(message: string, { path }: Relation, blocks: ReadonlySet<number>): boolean {
  const zeroed = ZEROED.exec(message)?.groups
  return zeroed === undefined || (zeroed['path'] === path && blocks.has(Number(zeroed['block'])))
}

/** Where the setting is on beyond one session: for a database or role, or in a configuration file. */
const LEFT_ON = `
  select 'ALTER DATABASE or ALTER ROLE' as place from pg_catalog.pg_db_role_setting where 'zero_damaged_pages=on' = any(setconfig)
  union all
  select sourcefile from pg_catalog.pg_file_settings where name = 'zero_damaged_pages' and setting::bool
  union all
  select 'the running server' where pg_catalog.current_setting('zero_damaged_pages')::bool`

/** Proves in a new session that `zero_damaged_pages` is off everywhere; returns where it is not. */
export async function findZeroingLeftOn(context: StepContext, relation: Relation, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await withSession(context, { role: 'superuser', database: relation.database }, signal, (session) =>
    session.query({ text: LEFT_ON, timeoutMs: TIMEOUT_MS }, signal),
  )
  if (!answer.ok) return [`whether zero_damaged_pages is off could not be asked: ${describeFailure(answer.failure)}`]
  return answer.value.map((row) => `zero_damaged_pages is on in ${String(row['place'])}, which pgwatchd did not set: turn it off`)
}
