import type { ProcessStatus } from '../../ports/processes.ts'
import type { StepContext } from '../step.ts'
import { tryToLogIn } from './login.ts'
import { findServer } from './processes.ts'
import { readPidFileStatus } from './startup.ts'

/** How the server stands at this moment. Only `orphans` and `hanging` may be ended; nothing else is proof against a server. */
export type Standing =
  | { readonly status: 'absent' }
  /** Processes of the cluster without a postmaster. */
  | { readonly status: 'orphans'; readonly why: string }
  /** It answers, whatever it answers. */
  | { readonly status: 'serving'; readonly why: string }
  | { readonly status: 'starting'; readonly why: string }
  | { readonly status: 'stopping'; readonly why: string }
  /** Stopped by a signal (T): it goes on at SIGCONT. */
  | { readonly status: 'suspended'; readonly why: string }
  /** Several fresh logins in a row were not answered, and at each the postmaster was stopped, which SIGCONT did not end. */
  | { readonly status: 'hanging'; readonly why: string }
  /** The same with a postmaster that waits in the kernel: no signal ends it, and it goes on by itself when its storage does. */
  | { readonly status: 'in-kernel'; readonly why: string }
  /** It does not answer, and nothing proves that it cannot. */
  | { readonly status: 'unclear'; readonly why: string }

const LOOKS = 3
const LOOK_AGAIN_AFTER_MS = 2_000
const HANGS: Readonly<Record<string, 'hanging' | 'in-kernel'>> = { T: 'hanging', D: 'in-kernel' }

/** Looks by processes and by fresh logins; `suspended` is told without a login, because nobody can be answered then. */
export async function lookAtServer(context: StepContext, signal: AbortSignal): Promise<Standing> {
  return findServer(context).postmaster?.state === 'T'
    ? { status: 'suspended', why: 'the postmaster is stopped by a signal' }
    : lookByLogin(context, signal)
}

/** The same by logins alone, also where the postmaster is stopped by a signal and does not go on. */
export async function lookByLogin(context: StepContext, signal: AbortSignal): Promise<Standing> {
  for (let look = 1; ; look += 1) {
    if (findServer(context).processes.length === 0) return { status: 'absent' }
    const standing = await lookOnceByLogin(context, signal)
    if ((standing.status !== 'hanging' && standing.status !== 'in-kernel') || look >= LOOKS) return standing
    await context.outside.clock.sleep(LOOK_AGAIN_AFTER_MS, signal)
  }
}

/** One look: enough where the hanging was proved before. */
export async function lookOnceByLogin(context: StepContext, signal: AbortSignal): Promise<Standing> {
  const { postmaster: before } = findServer(context)
  const { answer, said } = await tryToLogIn(context, signal)
  if (answer === 'up') return { status: 'serving', why: said }
  const { postmaster, processes } = findServer(context)
  if (postmaster === undefined) return { status: 'orphans', why: `${processes.length} processes outlived their postmaster` }
  const word = await readPidFileStatus(context)
  if (answer === 'not-yet') return { status: word === 'stopping' ? 'stopping' : 'starting', why: said }
  if (answer === 'nobody' && word === 'stopping') return { status: 'stopping', why: 'it is shutting down' }
  if (answer === 'nobody' && word !== 'ready' && word !== 'standby') return { status: 'starting', why: 'it does not listen yet' }
  const hangs = answer === 'silent' && !signal.aborted && isSame(before, postmaster) && howItHangs(before) === howItHangs(postmaster)
  const why = `${said}; the postmaster has pid ${postmaster.pid} and is in state ${postmaster.state}`
  return { status: (hangs ? howItHangs(postmaster) : undefined) ?? 'unclear', why }
}

function howItHangs(postmaster: ProcessStatus | undefined): 'hanging' | 'in-kernel' | undefined {
  return HANGS[postmaster?.state ?? '']
}

/** Names one process for ever: a pid alone is given anew. */
export type ProcessName = Pick<ProcessStatus, 'pid' | 'startTimeTicks'>

/** Whether both name the same process; two absent ones are the same. */
export function isSame(one: ProcessName | undefined | null, other: ProcessName | undefined | null): boolean {
  return one?.pid === other?.pid && one?.startTimeTicks === other?.startTimeTicks
}

/** The postmaster's name for a step's note; `null` when none runs. */
export function namePostmaster(context: StepContext): ProcessName | null {
  const { postmaster } = findServer(context)
  return postmaster === undefined ? null : { pid: postmaster.pid, startTimeTicks: postmaster.startTimeTicks }
}
