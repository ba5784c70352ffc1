import { readIdentity } from '../server/identity.ts'
import { keepInIncident, tryToKeep } from '../server/incident-files.ts'
import { logEnd } from '../server/server-log.ts'
import { namePostmaster } from '../server/standing.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

const LOG_TAIL_BYTES = 64 * 1024
const PROCESSES_AT_MOST = 200

/** Keeps what a recovery will overwrite: control file, lock file, log tail, processes, room. */
export const captureEvidence: Step = {
  name: 'capture-evidence',
  purpose: 'keep how things stood before anything is changed',
  changes: 'writes a few small files into the incident folder',
  precondition,
  run,
  undo: async () => [],
}

async function precondition(context: StepContext): Promise<Check> {
  if (context.recall('capture-evidence') !== undefined) return { go: 'skip', because: 'it was kept earlier in this attempt' }
  return { go: 'run', because: 'a recovery changes what a person will want to see' }
}

/**
 * Best effort: what cannot be kept is told, and recovery goes on. A cause that holds makes attempt after attempt, perhaps on a
 * full disk, so its evidence is kept once; the summary comes last, so that a folder with one is complete.
 */
async function run(context: StepContext): Promise<StepResult> {
  const folder = `evidence-${context.assessment.cause ?? 'unclear'}`
  const summary = `${folder}/summary.json`
  const isKept = (await context.outside.files.status(`${context.incidentDirectory}/${summary}`)) !== undefined
  const missing = isKept
    ? []
    : [
        await tryToKeep('pg_control', () => keepControlFile(context, folder)),
        await tryToKeep('the log tail', () => keepLogTail(context, folder)),
        await tryToKeep('the summary', () => keepSummary(context, summary)),
      ].filter((reason) => reason !== undefined)
  const noted = { ...(await readIdentity(context)), logOffset: await logEnd(context), postmaster: namePostmaster(context) }
  await context.note({ folder, ...noted })
  const did = isKept ? [] : [`kept the evidence in ${context.incidentDirectory}/${folder}`]
  return { ok: true, did, notDone: missing }
}

async function keepSummary(context: StepContext, name: string): Promise<void> {
  const { outside, cluster, assessment } = context
  const summary = {
    at: new Date(outside.clock.wallMs()).toISOString(),
    cluster,
    assessment,
    service: await outside.service.status(),
    processes: outside.processes.postgresIn(cluster.dataDirectory).slice(0, PROCESSES_AT_MOST),
    room: await context.space.rooms(),
    postmasterPid: (await outside.files.readText(`${cluster.dataDirectory}/postmaster.pid`, { maxBytes: 4096 })) ?? null,
  }
  await keepInIncident(context, name, `${JSON.stringify(summary, undefined, 2)}\n`)
}

async function keepControlFile(context: StepContext, folder: string): Promise<void> {
  const content = await context.outside.files.read(`${context.cluster.dataDirectory}/global/pg_control`, { maxBytes: 8192 })
  if (content !== undefined) await keepInIncident(context, `${folder}/pg_control`, content)
}

async function keepLogTail(context: StepContext, folder: string): Promise<void> {
  if (context.cluster.logFile === '') return
  const tail = await context.outside.files.readTail(context.cluster.logFile, LOG_TAIL_BYTES)
  if (tail !== undefined) await keepInIncident(context, `${folder}/server.log`, tail)
}
