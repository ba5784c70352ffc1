import type { ControlState, StartupProgress } from '../../core/facts.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ProcessStatus } from '../../ports/processes.ts'

/** One look at a starting server. */
export interface StartupSample {
  readonly startupPid: number
  /** WAL file in the title of the startup process; empty outside redo. */
  readonly walFile: string
  /** Bytes read and written by the startup process. */
  readonly ioBytes: number
  /** Everything that moves while a start goes on, joined. */
  readonly movement: string
  /** When `movement` was first seen as it is. */
  readonly sinceMonotonicMs: number
  /** Whether redo has been seen. */
  readonly redoSeen: boolean
}

/** Without an earlier look a second one follows after this; processor time counts in steps of 10 ms. */
const SECOND_LOOK_MS = 150

export interface StartupQuestion {
  readonly clock: Clock
  /** Looks at the cluster's processes now. */
  readonly look: () => readonly ProcessStatus[]
  readonly controlState: ControlState | undefined
  /** Nothing that moved for this long is a stall. */
  readonly stallTimeoutMs: number
  /** The look before, of the same start. */
  readonly before: StartupSample | undefined
}

/** Where a start stands, from this look and the one before; `undefined` when no startup process lives. */
export async function lookAtStartup(question: StartupQuestion): Promise<{ progress: StartupProgress; sample: StartupSample } | undefined> {
  const first = takeSample(question, question.before)
  if (first === undefined) return undefined
  const sample = question.before?.startupPid === first.startupPid ? first : await lookAgain(question, first)
  const stalledForMs = Math.round(question.clock.monotonicMs() - sample.sinceMonotonicMs)
  return {
    sample,
    progress: { ...describe(sample, question.controlState), advancing: stalledForMs < question.stallTimeoutMs, stalledForMs },
  }
}

async function lookAgain(question: StartupQuestion, first: StartupSample): Promise<StartupSample> {
  await question.clock.sleep(SECOND_LOOK_MS)
  return takeSample(question, first) ?? first
}

function takeSample({ clock, look }: StartupQuestion, before: StartupSample | undefined): StartupSample | undefined {
  const processes = look()
  const startup = processes.find(({ commandLine }) => /^postgres:.* ?startup\b/.test(commandLine))
  if (startup === undefined) return undefined
  const same = before?.startupPid === startup.pid ? before : undefined
  const walFile = /\b([0-9A-F]{24})\b/.exec(startup.commandLine)?.[1] ?? ''
  const movement = [startup, ...processes.filter(({ commandLine }) => /^postgres:.* ?checkpointer\b/.test(commandLine))]
    .map(toMovement)
    .join(' ')
  return {
    startupPid: startup.pid,
    walFile,
    ioBytes: startup.ioBytes ?? 0,
    movement,
    sinceMonotonicMs: same?.movement === movement ? same.sinceMonotonicMs : clock.monotonicMs(),
    redoSeen: walFile !== '' || (same?.redoSeen ?? false),
  }
}

function toMovement({ pid, commandLine, cpuTicks, ioBytes }: ProcessStatus): string {
  return `${pid} ${commandLine} ${cpuTicks} ${ioBytes ?? ''}`
}

function describe(sample: StartupSample, state: ControlState | undefined): Pick<StartupProgress, 'phase' | 'detail' | 'walFile'> {
  const megabytes = `${Math.round(sample.ioBytes / 1e6)} MB read and written`
  const { walFile } = sample
  if (walFile !== '') return { phase: 'redo', walFile, detail: `replaying ${walFile}, ${megabytes}` }
  if (sample.redoSeen)
    return { phase: 'end-of-recovery', walFile, detail: `the checkpoint at the end of recovery is under way, ${megabytes}` }
  if (state === undefined) return { phase: 'unknown', walFile, detail: megabytes }
  if (state === 'in crash recovery')
    return { phase: 'end-of-recovery', walFile, detail: `redo is not running, recovery has not ended, ${megabytes}` }
  return { phase: 'before-redo', walFile, detail: `preparing recovery (syncing the data directory), ${megabytes}` }
}
