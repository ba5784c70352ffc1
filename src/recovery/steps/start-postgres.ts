import type { Serving } from '../server/await-serving.ts'
import { awaitServing } from '../server/await-serving.ts'
import { tryToLogIn } from '../server/login.ts'
import { findServer } from '../server/processes.ts'
import { logEnd } from '../server/server-log.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Starts the server through its service manager and waits for as long as it moves. */
export const startPostgres: Step = {
  name: 'start-postgres',
  purpose: 'ensure that the server runs and answers a login',
  changes: 'starts the service; crash recovery replays the WAL',
  precondition,
  run,
  undo,
}

async function precondition(context: StepContext, signal: AbortSignal): Promise<Check> {
  if (context.supposed === 'stopped') return { go: 'run', because: 'the server will have been stopped' }
  const { postmaster } = findServer(context)
  if (postmaster === undefined) return { go: 'run', because: 'no postmaster runs' }
  const { answer, said } = await tryToLogIn(context, signal)
  if (answer === 'up') return { go: 'skip', because: `the server already serves, as pid ${postmaster.pid}: ${said}` }
  return { go: 'run', because: `the postmaster runs as pid ${postmaster.pid} and does not serve yet` }
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const { service } = context.outside
  const logOffset = recalledOffset(context) ?? (await logEnd(context))
  await context.note({ logOffset })
  const requestTimeoutMs = context.settings.start.requestTimeoutMs
  if ((await service.status(signal)).state === 'failed') await service.clearFailure(requestTimeoutMs, signal)
  await service.release()
  const asked = findServer(context).postmaster === undefined ? await service.start(requestTimeoutMs, signal) : undefined
  return conclude(await awaitServing(context, logOffset, signal), asked?.detail)
}

function recalledOffset(context: StepContext): number | undefined {
  const offset = context.recall('start-postgres')?.['logOffset']
  return typeof offset === 'number' ? offset : undefined
}

function conclude(serving: Serving, said: string | undefined): StepResult {
  if (serving.status === 'serving')
    return { ok: true, did: [said === undefined ? `waited for the server: ${serving.detail}` : `started the server: ${serving.detail}`] }
  if (serving.status === 'left') return { ok: false, suspend: true, why: 'the server is on its way', held: false, did: [] }
  if (serving.status === 'aborted') return { ok: false, why: 'the wait was broken off', held: false, did: [] }
  if (serving.status === 'stalled')
    return { ok: false, why: `${serving.why}; it is not restarted, because its recovery would begin again`, held: true, did: [] }
  const why = said === undefined ? serving.why : `${serving.why} (${said})`
  return { ok: false, why, held: serving.curable, did: [] }
}

async function undo(context: StepContext): Promise<readonly string[]> {
  return findServer(context).postmaster === undefined ? [] : ['left the server running: a stop would only take more service away']
}
