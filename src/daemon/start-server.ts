import { maskSecrets } from '../core/mask-secrets.ts'
import { type OutsideError } from '../ports/outside-error.ts'
import { followServerLog } from '../probes/facts/current-log-file.ts'
import { awaitServing, type Serving } from '../recovery/server/await-serving.ts'
import { nothingRuns } from '../recovery/server/processes.ts'
import { logEnd } from '../recovery/server/server-log.ts'
import type { ServerContext } from '../recovery/step.ts'
import { checkBeforeStart, refusal } from './check-before-start.ts'

const TRIES = 3
const BETWEEN_TRIES_MS = 5_000
const LOG_LINES = 20

/**
 * Checks the data directory of a server that is down and starts it. A server that is on its way is never ended: one that no
 * longer moves is left to the watch. Rejects with `OutsideError` when it must not be started, or ended in each try.
 */
export async function startServer(given: ServerContext, stop: AbortSignal, abort: AbortSignal): Promise<void> {
  const context = withLogFile(given)
  const refused = await checkBeforeStart(context.cluster, context.outside, abort)
  if (refused !== undefined) throw refused
  const serving = await tryToStart(context, stop, abort)
  if (serving.status === 'serving') context.report(`its server was started: ${serving.detail}`)
  if (serving.status === 'stalled')
    context.report(`${serving.why}; it is left to the watch, because a restart would begin its recovery again`)
  if (serving.status === 'exited') throw await explain(context, serving.why)
}

/** `pg_ctl` writes there where no log file is known. */
function withLogFile(context: ServerContext): ServerContext {
  const { cluster } = context
  return cluster.logFile === '' ? { ...context, cluster: { ...cluster, logFile: `${cluster.dataDirectory}/server.log` } } : context
}

async function tryToStart(context: ServerContext, stop: AbortSignal, abort: AbortSignal): Promise<Serving> {
  for (let attempt = 1; ; attempt += 1) {
    const serving = await startOnce(context, abort)
    if (serving.status !== 'exited' || attempt === TRIES || stop.aborted) return serving
    context.report(`try ${attempt} of ${TRIES}: ${serving.why}; the next follows in ${BETWEEN_TRIES_MS / 1000} s`)
    await context.outside.clock.sleep(BETWEEN_TRIES_MS, stop)
  }
}

async function startOnce(context: ServerContext, abort: AbortSignal): Promise<Serving> {
  const logOffset = await logEnd(context)
  const { requestTimeoutMs } = context.settings.start
  const asked = nothingRuns(context) ? await context.outside.service.start(requestTimeoutMs, abort) : undefined
  const serving = await awaitServing(context, logOffset, abort)
  return serving.status === 'exited' && asked?.ok === false ? { ...serving, why: `${serving.why} (${asked.detail})` } : serving
}

async function explain({ cluster, outside }: ServerContext, why: string): Promise<OutsideError> {
  const lines = await followServerLog(cluster, outside.files).tail(LOG_LINES)
  for (const line of lines)
    outside.log.write({ level: 'err', event: 'server-log', message: maskSecrets(`${cluster.name}: ${line}`), cluster: cluster.name })
  const hint = `${cluster.logFile} tells more; correct what it names and start again, or run without --before-start, so that pgwatchd recovers what it can`
  return refusal(cluster.name, 'unstartable', `${why}, in ${TRIES} tries`, hint)
}
