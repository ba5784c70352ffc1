import type { PostgresFailure } from '../../ports/postgres.ts'
import type { StepContext } from '../step.ts'
import { describeFailure, listDatabases } from './databases.ts'
import { askOnce, withSession } from './login.ts'

const STATEMENT_TIMEOUT_MS = 10_000
const COUNT_TIMEOUT_MS = 600_000
const SESSIONS_PER_DATABASE = 2
/** One after the other where connections may be what is short. */
const DATABASES_AT_ONCE = 4

/** A table that a repair touched, counted once more. */
export interface TouchedTable {
  readonly database: string
  /** Quoted and qualified, as `regclass` prints it. */
  readonly table: string
}

/** Two fresh superuser sessions for each database: the first after a start can succeed where all later ones fail. Returns the problems. */
export async function verifyDatabases(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  const databases = await listDatabases(context, signal)
  if (!databases.ok) return [`the databases could not be listed: ${databases.why}`]
  const problems: string[] = []
  const atOnce = context.assessment.plan === 'remedies' ? 1 : DATABASES_AT_ONCE
  for (let start = 0; start < databases.names.length; start += atOnce) {
    const some = databases.names.slice(start, start + atOnce)
    problems.push(...(await Promise.all(some.map((database) => verifyDatabase(context, database, signal)))).flat())
  }
  return problems
}

async function verifyDatabase(context: StepContext, database: string, signal: AbortSignal): Promise<readonly string[]> {
  for (let session = 0; session < SESSIONS_PER_DATABASE; session += 1) {
    const answer = await askOnce(context, database, 'select count(*) from pg_catalog.pg_class', STATEMENT_TIMEOUT_MS, signal)
    if (!answer.ok) return [`database ${database}: ${describeFailure(answer.failure)}`]
  }
  return []
}

/** One row of the write probe's ring, updated in place. */
const WRITE = 'update pgwatchd.ring set writes = writes + 1, written_at = pg_catalog.clock_timestamp() where slot = 0'
/** The ring is missing or not granted: undefined table, schema or column, missing privilege. */
const NOT_SET_UP = ['42P01', '3F000', '42703', '42501']

/** What a login and a write as the application came to. */
export interface ApplicationProof {
  readonly problems: readonly string[]
  /** The server is up and refuses the application, which is told and is no failure of a recovery. */
  readonly refused: readonly string[]
}

const WELL: ApplicationProof = { problems: [], refused: [] }

/** The application's login, and a durable write where its ring is set up and the server is no standby. Returns the problems. */
export async function verifyApplication(context: StepContext, inRecovery: boolean, signal: AbortSignal): Promise<ApplicationProof> {
  if (!context.outside.postgres.has('application')) return WELL
  const answer = await withSession(context, { role: 'application' }, signal, async (session) => {
    return session.query({ text: inRecovery ? 'select 1' : WRITE, timeoutMs: STATEMENT_TIMEOUT_MS }, signal)
  })
  const notSetUp = !answer.ok && answer.failure.stage === 'query' && NOT_SET_UP.includes(answer.failure.sqlState ?? '')
  if (answer.ok || notSetUp) return WELL
  const sentence = `the application user: ${describeFailure(answer.failure)}`
  return isRefusal(answer.failure) ? { problems: [], refused: [sentence] } : { problems: [sentence], refused: [] }
}

/** Credentials, rights, a missing database or taken slots: the server is up, and no recovery mends that. */
function isRefusal({ stage, sqlState = '' }: PostgresFailure): boolean {
  return stage === 'connect' && ['28', '3D000', '42501', '53300', '55000'].some((prefix) => sqlState.startsWith(prefix))
}

/** Reads every table that the repair touched from its first to its last row. Returns the problems. */
export async function verifyTouched(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  const touched = (context.recall('repair-damage')?.['touched'] ?? []) as readonly TouchedTable[]
  const problems: string[] = []
  for (const { database, table } of touched) {
    const answer = await askOnce(context, database, `select count(*) from ${table}`, COUNT_TIMEOUT_MS, signal)
    if (!answer.ok) problems.push(`${table} in ${database}: ${describeFailure(answer.failure)}`)
  }
  return problems
}
