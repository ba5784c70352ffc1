import { formatLsn, parseLsn } from '../../core/postgres/lsn.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { StepContext } from '../step.ts'
import type { WalRun } from './segments.ts'
import { fileOf } from './segments.ts'

/** What PostgreSQL's own reader of WAL says. */
export type Dump =
  /** Every record up to the end of the run is whole. */
  | { readonly status: 'whole' }
  /** `lastLsn` is where the last whole record begins; `words` is what is wrong behind it. */
  | { readonly status: 'ends'; readonly lastLsn: bigint; readonly words: string }
  /** Not even the first record can be read. */
  | { readonly status: 'nothing'; readonly words: string }
  | { readonly status: 'unknown'; readonly why: string }

const ENDS = /error in WAL record at ([0-9A-F]+\/[0-9A-F]+): (.*)/
const NOTHING = /could not find a valid record after .*/

/** Reads the WAL from the redo position to where it ends, about 800 MB a second; prints nothing but where that is, and why. */
export async function dumpWal(context: StepContext, run: WalRun, redoLsn: string, signal: AbortSignal): Promise<Dump> {
  const { cluster, outside, settings } = context
  const files = [fileOf(run, run.startLsn), fileOf(run, run.endLsn - 1n)]
  const range = ['-s', redoLsn, '-e', formatLsn(run.endLsn)]
  const request = {
    file: `${cluster.binaryDirectory}/pg_waldump`,
    arguments: ['-q', '-p', run.directory, '-t', String(run.timeline), ...range, ...files],
    timeoutMs: settings.wal.checkBudgetMs,
  }
  try {
    const { exitCode, outcome, stderr } = await outside.commands.run(request, signal)
    if (exitCode === undefined) return { status: 'unknown', why: `pg_waldump was ended: ${outcome}` }
    return exitCode === 0 ? { status: 'whole' } : readWords(stderr)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { status: 'unknown', why: error.message }
  }
}

function readWords(stderr: string): Dump {
  const [, position = '', words = ''] = ENDS.exec(stderr) ?? []
  const lastLsn = parseLsn(position)
  if (lastLsn !== undefined) return { status: 'ends', lastLsn, words }
  const nothing = NOTHING.exec(stderr)?.[0]
  if (nothing !== undefined) return { status: 'nothing', words: nothing }
  return { status: 'unknown', why: `pg_waldump says: ${stderr.trim().split('\n').at(-1) ?? ''}` }
}
