import type { PidFileJudgement } from '../../core/postgres/staleness.ts'
import { timeStamp } from '../server/incident-files.ts'
import type { JudgedLockFile } from '../server/lock-files.ts'
import { judgeLockFiles } from '../server/lock-files.ts'
import { pollUntil } from '../server/poll.ts'
import { nothingRuns } from '../server/processes.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

const DYING_TIMEOUT_MS = 2_000

/** A lock file that was, or is about to be, moved. */
interface Move {
  readonly from: string
  readonly to: string
}

/** Moves lock files that are proven to belong to nobody out of the way of a start. */
export const clearStalePid: Step = {
  name: 'clear-stale-pid',
  purpose: 'ensure that no left-over lock file keeps the server from starting',
  changes: 'moves a postmaster.pid or socket lock file, proven stale, into the incident folder',
  precondition,
  run,
  undo,
}

const WHY_NOT: Readonly<Partial<Record<PidFileJudgement, string>>> = {
  orphans: 'processes or shared memory of this cluster are still in use',
  unknown: 'it cannot be told whether it belongs to a living server',
}

const NO_NEED: Readonly<Partial<Record<PidFileJudgement, string>>> = {
  live: 'the lock files are those of the living server',
  stale: 'the lock file names a dead process, which a start sees through by itself',
}

async function precondition(context: StepContext, signal: AbortSignal): Promise<Check> {
  if (context.supposed === 'stopped') return { go: 'run', because: 'lock files are judged once the server is stopped' }
  const judged = await judgeOnceTheDyingAreGone(context, signal)
  const doubtful = judged.find((lockFile) => lockFile.judgement in WHY_NOT)
  if (doubtful !== undefined) return { go: 'stop', because: refusal(doubtful), held: true }
  const hindering = judged.filter((lockFile) => lockFile.hinders)
  if (hindering.length > 0)
    return { go: 'run', because: hindering.map((lockFile) => `${lockFile.path} names ${lockFile.names}`).join('; ') }
  return {
    go: 'skip',
    because: judged.map((lockFile) => NO_NEED[lockFile.judgement] ?? '').find((reason) => reason !== '') ?? 'there is no lock file',
  }
}

/** A process that is ending has no executable any more, and is still attached to the shared memory for a moment. */
async function judgeOnceTheDyingAreGone(context: StepContext, signal: AbortSignal): Promise<readonly JudgedLockFile[]> {
  let judged: readonly JudgedLockFile[] = []
  const isSettled = async (): Promise<boolean> => {
    judged = await judgeLockFiles(context)
    return !nothingRuns(context) || judged.every(({ judgement }) => judgement !== 'orphans')
  }
  await pollUntil(context.outside.clock, { timeoutMs: DYING_TIMEOUT_MS, intervalMs: 20 }, signal, isSettled)
  return judged
}

function refusal({ path, judgement, names }: JudgedLockFile): string {
  return `${path} stays: it names ${names}, and ${WHY_NOT[judgement] ?? 'it belongs to the living server'}`
}

/** The intent is noted, then each file is judged once more right before it is moved. */
async function run(context: StepContext): Promise<StepResult> {
  const moves = [
    ...recalledMoves(context),
    ...(await judgeLockFiles(context)).filter((lockFile) => lockFile.hinders).map((lockFile) => planMove(context, lockFile)),
  ]
  await context.note({ moves })
  const did: string[] = []
  for (const lockFile of await judgeLockFiles(context)) {
    const move = moves.find((each) => each.from === lockFile.path)
    if (move === undefined || lockFile.text === undefined) continue
    // A zombie that was reaped since is simply dead, and a start sees through its file by itself.
    if (lockFile.judgement === 'stale' && !lockFile.hinders) continue
    if (!lockFile.hinders) return { ok: false, why: refusal(lockFile), held: true, did }
    if (!(await moveUnchanged(context, move, lockFile.text)))
      return { ok: false, why: `${move.from} changed while it was moved and was put back`, held: true, did }
    did.push(`moved ${move.from} aside: it named ${lockFile.names}`)
  }
  return { ok: true, did }
}

function planMove(context: StepContext, { path }: JudgedLockFile): Move {
  return {
    from: path,
    to: `${context.incidentDirectory}/${timeStamp(context)}-${path.slice(path.lastIndexOf('/') + 1).replace(/^\./, '')}`,
  }
}

/** False when another file had taken the place of the judged one; it is put back then. */
async function moveUnchanged({ outside: { files } }: StepContext, { from, to }: Move, judgedText: string): Promise<boolean> {
  await files.move(from, to)
  if ((await files.readText(to, { maxBytes: 8192 })) === judgedText) return true
  await files.move(to, from)
  return false
}

function recalledMoves(context: StepContext): readonly Move[] {
  return (context.recall('clear-stale-pid')?.['moves'] ?? []) as readonly Move[]
}

/** Puts the files back where nothing has started since. */
async function undo(context: StepContext): Promise<readonly string[]> {
  const { files } = context.outside
  const putBack: string[] = []
  for (const { from, to } of recalledMoves(context)) {
    const moved = (await files.status(to)) !== undefined
    if (!moved || (await files.status(from)) !== undefined || !nothingRuns(context)) continue
    await files.move(to, from)
    putBack.push(`put ${from} back`)
  }
  return putBack
}
