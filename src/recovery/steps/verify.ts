import type { Row } from '../../ports/postgres.ts'
import { verifyDatabases, verifyApplication, verifyTouched } from '../server/proofs.ts'
import { askOnce } from '../server/login.ts'
import { describeFailure } from '../server/databases.ts'
import { readLogSince } from '../server/server-log.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Proves that the cluster serves, and that it is the one that it was. */
export const verify: Step = {
  name: 'verify',
  purpose: 'prove that the server serves: sessions, application, writing, identity, counters, log',
  changes: 'updates one row of the ring that the write probe uses, if there is one',
  precondition: async (): Promise<Check> => ({ go: 'run', because: 'a start that succeeded proves nothing' }),
  run,
  undo: async () => [],
}

interface Standing {
  readonly systemIdentifier: string
  readonly inRecovery: boolean
  readonly checksumFailures: number
}

const STANDING = `
  select (select system_identifier from pg_catalog.pg_control_system())::text as system_identifier,
         pg_catalog.pg_is_in_recovery() as in_recovery,
         (select coalesce(sum(checksum_failures), 0)::text from pg_catalog.pg_stat_database) as checksum_failures`

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const before = await readStanding(context, signal)
  if (typeof before === 'string') return failed([`the server could not be asked: ${before}`])
  const application = await verifyApplication(context, before.inRecovery, signal)
  const problems = [
    ...(context.restore === undefined ? compareIdentity(context, before) : []),
    ...(await verifyDatabases(context, signal)),
    ...application.problems,
    ...(await verifyTouched(context, signal)),
    ...(await lookForNewTrouble(context, before, signal)),
  ]
  return problems.length === 0 ? { ok: true, did: ['verified that it serves'], notDone: application.refused } : failed(problems)
}

function failed(problems: readonly string[]): StepResult {
  return { ok: false, why: `not verified: ${problems.slice(0, 5).join('; ')}`, held: false, did: [] }
}

async function readStanding(context: StepContext, signal: AbortSignal): Promise<Standing | string> {
  const answer = await askOnce(context, undefined, STANDING, 10_000, signal)
  return answer.ok ? toStanding(answer.value[0] ?? {}) : describeFailure(answer.failure)
}

function toStanding(row: Row): Standing {
  return {
    systemIdentifier: String(row['system_identifier']),
    inRecovery: row['in_recovery'] === true,
    checksumFailures: Number(row['checksum_failures']),
  }
}

function compareIdentity(context: StepContext, now: Standing): readonly string[] {
  const noted = context.recall('capture-evidence')
  const role = now.inRecovery ? 'standby' : 'primary'
  const known = noted?.['systemIdentifier']
  const problems: string[] = []
  if (typeof known === 'string' && known !== '' && known !== now.systemIdentifier)
    problems.push(`another cluster answers: system identifier ${now.systemIdentifier} instead of ${known}`)
  if (noted?.['role'] !== undefined && noted['role'] !== role) problems.push(`it is a ${role} now and was not before`)
  return problems
}

async function lookForNewTrouble(context: StepContext, before: Standing, signal: AbortSignal): Promise<readonly string[]> {
  const after = await readStanding(context, signal)
  const problems: string[] = []
  if (typeof after === 'string') problems.push(`the server could not be asked again: ${after}`)
  else if (after.checksumFailures > before.checksumFailures) problems.push('checksum failures were counted while it was verified')
  const offset = context.recall('start-postgres')?.['logOffset']
  if (typeof offset === 'number')
    problems.push(...(await readLogSince(context, offset)).panics.map((text) => `the server logged PANIC: ${text}`))
  return problems
}
