import { ask, describeFailure } from '../../server/ask.ts'
import { quoteIdentifier, quoteLiteral } from '../../server/quote.ts'
import type { BackupGround, Outcome } from './backup.ts'
import { refuse } from './refuse.ts'

const STATEMENT_TIMEOUT_MS = 10_000
const TRIES_AT_MOST = 20
const PAUSE_MS = 50

export interface SwapNames {
  readonly database: string
  /** Takes the place. */
  readonly loaded: string
  /** What the one in the place is called afterwards. */
  readonly old: string
}

/**
 * Renames two databases in one transaction, so that nobody ever finds none or the wrong one. New sessions, also those of
 * superusers, which a connection limit would let pass, are kept out by ALLOW_CONNECTIONS; those that are in are ended. The old
 * database is open to superusers afterwards. May be run again.
 */
export async function swapDatabases(
  ground: BackupGround,
  names: SwapNames,
  signal: AbortSignal,
): Promise<Outcome<{ readonly outageMs: number }>> {
  const { database, loaded, old } = names
  const present = await namesPresent(ground, names, signal)
  if (!present.ok) return present
  if (present.value.includes(old) && !present.value.includes(loaded)) return await letIn(ground, database, signal)
  if (!present.value.includes(loaded)) return refuse('unknown-database', `there is no database ${loaded}`)
  const { clock } = ground.outside
  const limit = await readLimit(ground, database, signal)
  const startedMs = clock.monotonicMs()
  await run(ground, allowing(database, false), signal)
  let failure = ''
  for (let tries = 0; tries < TRIES_AT_MOST && !signal.aborted; tries += 1) {
    await run(ground, endSessions(names), signal)
    const renamed = await run(ground, renames(names, limit), signal)
    if (renamed === '') return { ok: true, value: { outageMs: Math.round(clock.monotonicMs() - startedMs) } }
    failure = renamed
    await clock.sleep(PAUSE_MS, signal)
  }
  await letIn(ground, database, signal)
  return refuse('in-use', `${database} could not be renamed: ${failure}`, `end what holds on to ${database} or ${old}, and try again`)
}

function renames({ database, loaded, old }: SwapNames, limit: number): string {
  const [name, source, aside] = [database, loaded, old].map(quoteIdentifier)
  return [
    'begin',
    `alter database ${name ?? ''} rename to ${aside ?? ''}`,
    `alter database ${source ?? ''} rename to ${name ?? ''}`,
    `alter database ${name ?? ''} connection limit ${limit}`,
    `alter database ${aside ?? ''} allow_connections true connection limit 0`,
    'commit',
  ].join('; ')
}

/** Nothing is left to rename; what an interrupted run has closed is opened again. */
async function letIn(ground: BackupGround, database: string, signal: AbortSignal): Promise<Outcome<{ readonly outageMs: number }>> {
  const failure = await run(ground, allowing(database, true), signal)
  return failure === '' ? { ok: true, value: { outageMs: 0 } } : refuse('server', `${database} takes no sessions: ${failure}`)
}

function allowing(database: string, isAllowed: boolean): string {
  return `alter database ${quoteIdentifier(database)} allow_connections ${String(isAllowed)}`
}

function endSessions({ database, loaded }: SwapNames): string {
  return `select pg_catalog.pg_terminate_backend(pid) from pg_catalog.pg_stat_activity
           where datname in (${quoteLiteral(database)}, ${quoteLiteral(loaded)}) and pid <> pg_catalog.pg_backend_pid()`
}

async function namesPresent(
  ground: BackupGround,
  { database, loaded, old }: SwapNames,
  signal: AbortSignal,
): Promise<Outcome<readonly string[]>> {
  const list = [database, loaded, old].map(quoteLiteral).join(', ')
  const text = `select datname from pg_catalog.pg_database where datname in (${list})`
  const answer = await ask(ground.outside, { database: 'postgres', text, timeoutMs: STATEMENT_TIMEOUT_MS, purpose: 'restore' }, signal)
  return answer.ok
    ? { ok: true, value: answer.value.map((row) => String(row['datname'])) }
    : refuse('server', describeFailure(answer.failure))
}

async function readLimit(ground: BackupGround, database: string, signal: AbortSignal): Promise<number> {
  const text = `select datconnlimit::int as connections from pg_catalog.pg_database where datname = ${quoteLiteral(database)}`
  const answer = await ask(ground.outside, { database: 'postgres', text, timeoutMs: STATEMENT_TIMEOUT_MS, purpose: 'restore' }, signal)
  return answer.ok ? Number(answer.value[0]?.['connections'] ?? -1) : -1
}

/** Why the statement failed; empty when it did not. */
async function run(ground: BackupGround, text: string, signal: AbortSignal): Promise<string> {
  const answer = await ask(ground.outside, { database: 'postgres', text, timeoutMs: STATEMENT_TIMEOUT_MS, purpose: 'restore' }, signal)
  return answer.ok ? '' : describeFailure(answer.failure)
}
