import { knownDamages } from '../damage/known-damages.ts'
import { planChecksums, runChecksums } from '../damage/run-checksums.ts'
import { findHindrances } from '../hindrances/index.ts'
import { unstartableLadder } from '../remedies/unstartable/index.ts'
import { readConfigured } from '../server/configuration.ts'
import { findServer } from '../server/processes.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'
import { guardWal } from '../wal/guard-wal.ts'

/** Looks for what would keep the server from starting, or make it start with less than it had. What is mended stays mended: pgwatchd undo takes it back. */
export const checkDataFiles: Step = {
  name: 'check-data-files',
  purpose:
    'ensure that a start can succeed and loses nothing: permissions, directories, versions, control file, configuration, WAL, checksums',
  changes: 'what the remedies for unstartable say (permissions, empty directories, PG_VERSION); changes no data',
  precondition,
  run,
  undo: async () => [],
}

async function precondition(context: StepContext): Promise<Check> {
  if (context.supposed === 'stopped') return { go: 'run', because: 'the files are looked at once the server is stopped' }
  if (findServer(context).postmaster !== undefined) return { go: 'skip', because: 'a server that runs needs no check for its start' }
  return { go: 'run', because: 'a start on damaged or incomplete files can lose committed data' }
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const { did, notDone } = await unstartableLadder.climb(context, signal)
  const [left, configured] = await Promise.all([findHindrances(context), readConfigured(context, 'shared_buffers', signal)])
  const [first] = left.filter(({ cause }) => cause !== 'wal-damaged')
  if (first !== undefined) return { ok: false, why: `the server is not started: ${first.sentence}`, held: true, did, notDone }
  if (!configured.ok) return { ok: false, why: `the server is not started: ${configured.why}`, held: true, did, notDone }
  const wal = await guardWal(context, signal)
  if (!wal.ok) return { ...wal, did: [...did, ...wal.did] }
  return checkChecksums(context, { did: [...did, ...wal.did], notDone: [...notDone, ...(wal.notDone ?? [])] }, signal)
}

async function checkChecksums(context: StepContext, before: Told, signal: AbortSignal): Promise<StepResult> {
  const plan = await planChecksums(context)
  if (plan.check === 'nothing')
    return {
      ok: true,
      ...before,
      notDone: [...before.notDone, ...(plan.worthTelling ? [`checksums were not checked: ${plan.because}`] : [])],
    }
  await context.outside.service.hold()
  context.report('checking the data checksums')
  const report = await runChecksums(context, plan, signal)
  await context.note({ ...context.recall('check-data-files'), damages: report.damages })
  const incomplete = report.complete ? [] : [`the checksums could not be checked to the end: ${report.refusal}`]
  const did = [...before.did, `checked the data checksums: ${knownDamages(context).length} damaged places known`]
  return { ok: true, did, notDone: [...before.notDone, ...incomplete] }
}

/** What was done and left before. */
interface Told {
  readonly did: readonly string[]
  readonly notDone: readonly string[]
}
