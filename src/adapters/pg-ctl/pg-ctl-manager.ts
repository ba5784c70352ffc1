import { join } from 'node:path'
import type { Cluster } from '../../core/cluster.ts'
import type { Clock } from '../../ports/clock.ts'
import type { CommandResult, Commands } from '../../ports/commands.ts'
import type { Files } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { Processes, ProcessSignal, ProcessStatus } from '../../ports/processes.ts'
import type { ServiceManager, ServiceOutcome, ServiceStatus, StopMode } from '../../ports/service-manager.ts'
import { rememberTexts } from '../filesystem/remember-texts.ts'
import { createHoldFile } from '../systemd/hold-file.ts'
import { createPostmasterFinder } from './postmaster.ts'
import { startCommand } from './start-command.ts'

export interface PgCtlManagerOptions {
  readonly cluster: Cluster
  /** Where the hold file is made. It binds pgwatchd itself; a person's `pg_ctl start` does not look at it. */
  readonly runtimeDirectory: string
  readonly clock: Clock
  readonly files: Files
  readonly processes: Processes
  readonly commands: Commands
}

const SIGNALS: Readonly<Record<StopMode, ProcessSignal>> = { smart: 'SIGTERM', fast: 'SIGINT', immediate: 'SIGQUIT' }
const LOOK_AGAIN_MS = 20

/** A postmaster without a service manager, for a bare data directory. Every signal goes to a process whose identity was proven. */
export function createPgCtlManager(options: PgCtlManagerOptions): ServiceManager {
  const { cluster, clock, files, processes } = options
  const pidFile = join(cluster.dataDirectory, 'postmaster.pid')
  const readText = rememberTexts(files, clock)
  const hold = createHoldFile(cluster, options.runtimeDirectory, files)
  const postmaster = createPostmasterFinder(processes, cluster.dataDirectory)
  const server = () => processes.postgresIn(cluster.dataDirectory)
  const stopWatching = new Set<() => void>()

  const send = (targets: readonly ProcessStatus[], signal: ProcessSignal) => {
    for (const target of targets) processes.signal(target, signal)
  }
  const untilGone = (timeoutMs: number, signal: AbortSignal | undefined, repeat: () => void) =>
    waitUntilGone({ clock, server, timeoutMs, signal, repeat })

  return {
    kind: 'pg_ctl',
    status: () => readStatus(cluster, postmaster(), server, () => readText(pidFile, { maxBytes: 4096 })),
    async start(timeoutMs, signal) {
      if (await hold.exists()) return failed(`not started: ${hold.path} holds the service`)
      return start(options, timeoutMs, signal)
    },
    async stop(mode, timeoutMs, signal) {
      const target = postmaster()
      if (target === undefined)
        return server().length === 0 ? succeeded('no server process') : failed('no postmaster, only orphaned processes')
      send([target], SIGNALS[mode])
      return untilGone(timeoutMs, signal, () => {})
    },
    async killAll(timeoutMs, signal) {
      const kill = () => send(postmasterFirst(postmaster(), server()), 'SIGKILL')
      kill()
      return untilGone(timeoutMs, signal, kill)
    },
    clearFailure: async () => succeeded('nothing to clear for pg_ctl'),
    hold: () => hold.create(),
    release: () => hold.remove(),
    watch(listener) {
      const stop = files.watch(pidFile, listener)
      stopWatching.add(stop)
      return () => {
        stop()
        stopWatching.delete(stop)
      }
    },
    async close() {
      for (const stop of stopWatching) stop()
      stopWatching.clear()
    },
  }
}

/** A postmaster that sees a child die would start crash recovery, so it goes first. */
function postmasterFirst(postmaster: ProcessStatus | undefined, all: readonly ProcessStatus[]): readonly ProcessStatus[] {
  const children = all.filter((process) => process.pid !== postmaster?.pid)
  return postmaster === undefined ? children : [postmaster, ...children]
}

interface Waiting {
  readonly clock: Clock
  readonly server: () => readonly ProcessStatus[]
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Called before each further look. */
  readonly repeat: () => void
}

async function waitUntilGone({ clock, server, timeoutMs, signal, repeat }: Waiting): Promise<ServiceOutcome> {
  const deadlineMs = clock.monotonicMs() + timeoutMs
  let left = server()
  while (left.length > 0 && signal?.aborted !== true && clock.monotonicMs() < deadlineMs) {
    await clock.sleep(LOOK_AGAIN_MS, signal)
    repeat()
    left = server()
  }
  if (left.length === 0) return succeeded('every process of the server is gone')
  const detail = `still there: ${left
    .map(({ pid, state }) => `${pid} (${state})`)
    .slice(0, 10)
    .join(', ')}`
  return { ok: false, detail, timedOut: signal?.aborted !== true }
}

async function start(options: PgCtlManagerOptions, timeoutMs: number, signal?: AbortSignal): Promise<ServiceOutcome> {
  try {
    const owner = process.getuid?.() === 0 ? await options.files.status(options.cluster.dataDirectory) : undefined
    return startOutcome(await options.commands.run(startCommand(options.cluster, timeoutMs, owner), signal))
  } catch (error) {
    if (error instanceof OutsideError) return failed(error.message)
    throw error
  }
}

function startOutcome(result: CommandResult): ServiceOutcome {
  if (result.outcome === 'exited' && result.exitCode === 0) return succeeded('pg_ctl start: server starting')
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? ''
  const why = result.outcome === 'exited' ? `exit code ${result.exitCode}` : result.outcome
  return { ok: false, detail: `pg_ctl start: ${said === '' ? why : said}`, timedOut: result.outcome === 'timed-out' }
}

const PID_FILE_STATES: Readonly<Record<string, ServiceStatus['state']>> = { starting: 'activating', stopping: 'deactivating' }

/** Without a postmaster: a pid file or orphaned processes tell of a crash; a clean stop removes the file. */
async function readStatus(
  cluster: Cluster,
  postmaster: ProcessStatus | undefined,
  server: () => readonly ProcessStatus[],
  readPidFile: () => Promise<string | undefined>,
): Promise<ServiceStatus> {
  const status = { result: '', mainPid: postmaster?.pid ?? 0, job: '', restartsByItself: false, object: cluster.dataDirectory }
  const text = await readPidFile().catch(() => undefined)
  if (postmaster !== undefined) {
    const word = text?.split('\n')[7]?.trim() ?? ''
    return { ...status, state: PID_FILE_STATES[word] ?? 'active' }
  }
  return { ...status, state: text !== undefined || server().length > 0 ? 'failed' : 'inactive' }
}

function succeeded(detail: string): ServiceOutcome {
  return { ok: true, detail, timedOut: false }
}

function failed(detail: string): ServiceOutcome {
  return { ok: false, detail, timedOut: false }
}
