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
 * Renames two databases in one transaction, so that nobody ever finds none or the wrong one. New sessions are kept out by a
 * connection limit, which superusers pass, so those that are in are ended until the renames succeed. May be run again.
 */
export async function swapDatabases(
  ground: BackupGround,
  names: SwapNames,
  signal: AbortSignal,
): Promise<Outcome<{ readonly outageMs: number }>> {
  const { database, loaded, old } = names
  const present = await namesPresent(ground, names, signal)
  if (!present.ok) return present
  if (present.value.includes(old) && !present.value.includes(loaded)) return { ok: true, value: { outageMs: 0 } }
  if (!present.value.includes(loaded)) return refuse('unknown-database', `there is no database ${loaded}`)
  const { clock } = ground.outside
  const limit = await readLimit(ground, database, signal)
  const startedMs = clock.monotonicMs()
  await run(ground, `alter database ${quoteIdentifier(database)} connection limit 0`, signal)
  let failure = ''
  for (let tries = 0; tries < TRIES_AT_MOST && !signal.aborted; tries += 1) {
    await run(ground, endSessions(names), signal)
    const renamed = await run(ground, renames(names, limit), signal)
    if (renamed === '') return { ok: true, value: { outageMs: Math.round(clock.monotonicMs() - startedMs) } }
    failure = renamed
    await clock.sleep(PAUSE_MS, signal)
  }
  await run(ground, `alter database ${quoteIdentifier(database)} connection limit ${limit}`, signal)
  return refuse('in-use', `${database} could not be renamed: ${failure}`, `end what holds on to ${database} or ${old}, and try again`)
}

function renames({ database, loaded, old }: SwapNames, limit: number): string {
  const [name, source, aside] = [database, loaded, old].map(quoteIdentifier)
  return [
    'begin',
    `alter database ${name ?? ''} rename to ${aside ?? ''}`,
    `alter database ${source ?? ''} rename to ${name ?? ''}`,
    `alter database ${name ?? ''} connection limit ${limit}`,
    'commit',
  ].join('; ')
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
  const limit = answer.ok ? Number(answer.value[0]?.['connections'] ?? -1) : -1
  // A limit of 0 is what an interrupted swap has left.
  return limit === 0 ? -1 : limit
}

/** Why the statement failed; empty when it did not. */
async function run(ground: BackupGround, text: string, signal: AbortSignal): Promise<string> {
  const answer = await ask(ground.outside, { database: 'postgres', text, timeoutMs: STATEMENT_TIMEOUT_MS, purpose: 'restore' }, signal)
  return answer.ok ? '' : describeFailure(answer.failure)
}
