import { isCleanlyShutDown } from '../../core/postgres/control-file.ts'
import { readControlFile } from '../server/data-directory.ts'
import type { StepContext } from '../step.ts'
import type { ChecksumsReport } from './checksums-output.ts'
import { readChecksumsOutput } from './checksums-output.ts'
import { knownDamages } from './known-damages.ts'
import { sizeOf } from './size-of.ts'

/** Slow storage; a cached file system is ten times faster. */
const BYTES_PER_SECOND = 100_000_000
const FILENODES_AT_MOST = 20

/** Which files to check; `skip` tells why none, and `worthTelling` whether a person wants to know. */
export type ChecksumsPlan =
  | { readonly check: 'everything' }
  | { readonly check: 'filenodes'; readonly filenodes: readonly string[] }
  | { readonly check: 'nothing'; readonly because: string; readonly worthTelling: boolean }

/** Decides what `pg_checksums` is to look at: it needs a cluster that was cleanly shut down, a reason, and time. */
export async function planChecksums(context: StepContext): Promise<ChecksumsPlan> {
  const nothing = (because: string, worthTelling: boolean): ChecksumsPlan => ({ check: 'nothing', because, worthTelling })
  const evidence = knownDamages(context).length > 0 || context.assessment.cause === 'damaged'
  const { check, budgetMs } = context.settings.checksums
  if (check === 'never' || (check === 'on-evidence' && !evidence)) return nothing('nothing speaks for damaged pages', false)
  if (context.hurried()) return nothing('pgwatchd is to end, and a check takes long', true)
  const controlFile = await readControlFile(context)
  if (controlFile?.checksumsEnabled !== true) return nothing('the cluster has no data checksums', evidence)
  if (!isCleanlyShutDown(controlFile.state))
    return nothing('pg_checksums needs a clean shutdown, and the server was not shut down cleanly', evidence)
  const estimateMs = ((await sizeOf(context, (budgetMs * BYTES_PER_SECOND) / 1000)) / BYTES_PER_SECOND) * 1000
  if (estimateMs <= budgetMs) return { check: 'everything' }
  const filenodes = [...new Set(knownDamages(context).flatMap((damage) => /\/(\d+)(?:_\w+)?$/.exec(damage.relationPath)?.[1] ?? []))]
  if (filenodes.length === 0) return nothing(`a check would take longer than its budget of ${Math.round(budgetMs / 1000)} s`, true)
  return { check: 'filenodes', filenodes: filenodes.slice(0, FILENODES_AT_MOST) }
}

/** Runs `pg_checksums --check` once for everything, or once for each filenode, within its budget. */
export async function runChecksums(
  context: StepContext,
  plan: Exclude<ChecksumsPlan, { check: 'nothing' }>,
  signal: AbortSignal,
): Promise<ChecksumsReport> {
  const selections = plan.check === 'everything' ? [[]] : plan.filenodes.map((filenode) => [`--filenode=${filenode}`])
  const reports: ChecksumsReport[] = []
  for (const selection of selections) reports.push(await checkOnce(context, selection, signal))
  return {
    complete: reports.every((report) => report.complete),
    damages: reports.flatMap((report) => report.damages),
    refusal: reports.find((report) => !report.complete)?.refusal ?? '',
  }
}

async function checkOnce(context: StepContext, selection: readonly string[], signal: AbortSignal): Promise<ChecksumsReport> {
  const file = `${context.cluster.binaryDirectory}/pg_checksums`
  const timeoutMs = context.settings.checksums.budgetMs
  const result = await context.outside.commands.run(
    { file, arguments: ['--check', ...selection, '-D', context.cluster.dataDirectory], timeoutMs },
    signal,
  )
  const report = readChecksumsOutput(result.stdout, result.stderr)
  return result.outcome === 'exited' ? report : { ...report, complete: false, refusal: `it was ended (${result.outcome})` }
}
