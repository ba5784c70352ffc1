import type { ServerContext } from '../step.ts'
import { tryToLogIn } from './login.ts'
import { findServer } from './processes.ts'
import { readFaultsSince, readLogSince } from './server-log.ts'
import type { StartupSample } from './startup.ts'
import { sampleStartup } from './startup.ts'

/** What became of a start. */
export type Serving =
  | { readonly status: 'serving'; readonly detail: string }
  /** The server's processes ended, or never appeared; `curable` when room or a right configuration is all that is missing. */
  | { readonly status: 'exited'; readonly why: string; readonly curable: boolean }
  | { readonly status: 'stalled'; readonly why: string }
  /** The daemon is to end: the server is on its way, and goes on by itself. */
  | { readonly status: 'left' }
  | { readonly status: 'aborted' }

const APPEAR_WITHIN_MS = 10_000
const REPORT_EVERY_MS = 10_000
const READY = ['ready', 'standby']

interface Watch {
  readonly startedMs: number
  readonly logOffset: number
  seen: boolean
  movedMs: number
  reportedMs: number
  sample: StartupSample
}

/**
 * Waits until the server answers a login, for as long as it moves: redo may take hours, and a restart would begin it
 * again. Gives up only when the server's processes are gone, or when nothing moved for the configured stall time. A daemon
 * that is to end does not wait for a server that is on its way.
 */
export async function awaitServing(context: ServerContext, logOffset: number, signal: AbortSignal): Promise<Serving> {
  const nowMs = context.outside.clock.monotonicMs()
  const watch: Watch = { startedMs: nowMs, logOffset, seen: false, movedMs: nowMs, reportedMs: nowMs, sample: await sampleStartup(context) }
  while (!signal.aborted) {
    const outcome = await look(context, watch, signal)
    if (outcome !== undefined) return outcome
    if (watch.seen && context.hurried()) return { status: 'left' }
    await context.outside.clock.sleep(pauseMs(context, watch), signal)
  }
  return { status: 'aborted' }
}

function pauseMs(context: ServerContext, watch: Watch): number {
  const waitedMs = context.outside.clock.monotonicMs() - watch.startedMs
  return waitedMs < 2_000 ? 20 : waitedMs < 20_000 ? 100 : 500
}

async function look(context: ServerContext, watch: Watch, signal: AbortSignal): Promise<Serving | undefined> {
  const { postmaster } = findServer(context)
  if (postmaster === undefined) return watch.seen ? exited(context, watch) : notThereYet(context, watch)
  watch.seen = true
  const sample = await sampleStartup(context)
  noticeMovement(context, watch, sample)
  if (READY.includes(sample.status)) return tryLogin(context, watch, signal)
  return stalled(context, watch)
}

function noticeMovement(context: ServerContext, watch: Watch, sample: StartupSample): void {
  const nowMs = context.outside.clock.monotonicMs()
  if (sample.fingerprint !== watch.sample.fingerprint) watch.movedMs = nowMs
  watch.sample = sample
  if (nowMs - watch.reportedMs < REPORT_EVERY_MS) return
  watch.reportedMs = nowMs
  context.report(`the server is starting, ${describe(sample)}, after ${Math.round((nowMs - watch.startedMs) / 1000)} s`)
}

function describe(sample: StartupSample): string {
  const megabytes = Math.round(sample.replayedBytes / 1_000_000)
  return sample.walFile === '' ? `${megabytes} MB read and written` : `replaying ${sample.walFile}, ${megabytes} MB read and written`
}

async function tryLogin(context: ServerContext, watch: Watch, signal: AbortSignal): Promise<Serving | undefined> {
  if ((await tryToLogIn(context, signal)).answer === 'up')
    return { status: 'serving', detail: `it answered after ${Math.round(context.outside.clock.monotonicMs() - watch.startedMs)} ms` }
  return stalled(context, watch)
}

function stalled(context: ServerContext, watch: Watch): Serving | undefined {
  const stillMs = context.outside.clock.monotonicMs() - watch.movedMs
  if (stillMs < context.settings.start.stallTimeoutMs) return undefined
  return { status: 'stalled', why: `the starting server has not moved for ${Math.round(stillMs / 1000)} s (${describe(watch.sample)})` }
}

/** The service manager may take a while to fork; it is believed only when it says that it is no longer trying. */
async function notThereYet(context: ServerContext, watch: Watch): Promise<Serving | undefined> {
  const waitedMs = context.outside.clock.monotonicMs() - watch.startedMs
  if (waitedMs < 200) return undefined
  const service = await context.outside.service.status()
  const trying = service.state === 'activating' || service.state === 'unknown' || service.job !== ''
  const limitMs = trying ? context.settings.start.stallTimeoutMs : service.state === 'failed' ? 0 : APPEAR_WITHIN_MS
  return waitedMs < limitMs ? undefined : exited(context, watch)
}

async function exited(context: ServerContext, watch: Watch): Promise<Serving> {
  const said = await readLogSince(context, watch.logOffset)
  const words = [said.lastFatal, ...(await readFaultsSince(context, watch.logOffset))].filter((each) => each !== '').join('; ')
  const why = `the server ${watch.seen ? 'ended while starting' : 'did not start'}${words === '' ? '' : `: ${words}`}`
  return { status: 'exited', why, curable: said.outOfSpace || said.configurationErrors.length > 0 }
}
