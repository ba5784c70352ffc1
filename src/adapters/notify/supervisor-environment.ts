/** What the service manager told this process through its environment. */
export interface SupervisorEnvironment {
  /** `NOTIFY_SOCKET`; empty when not run by a service manager. */
  readonly notifySocket: string
  /** An inherited datagram socket that is connected to it; `undefined` when none was handed over. */
  readonly notifySocketDescriptor: { readonly number: number; readonly blocking: boolean } | undefined
  /** `WATCHDOG_USEC` in milliseconds; `undefined` when no watchdog is asked for. */
  readonly watchdogMs: number | undefined
}

type Environment = Record<string, string | undefined>

const TAKEN = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES', 'SDN_FD']

/** systemd passes descriptors from this number on (sd_listen_fds(3)). */
const FIRST_PASSED_DESCRIPTOR = 3

/**
 * Reads the service manager's variables and removes them from `environment`, so that no child can speak in this process's
 * name: a PostgreSQL that inherited `NOTIFY_SOCKET` would announce its own stop as pgwatchd's. `pid` is this process.
 */
export function takeSupervisorEnvironment(environment: Environment, pid: number): SupervisorEnvironment {
  const taken: SupervisorEnvironment = {
    notifySocket: environment['NOTIFY_SOCKET'] ?? '',
    notifySocketDescriptor: fromLauncher(environment) ?? fromOpenFile(environment, pid),
    watchdogMs: watchdog(environment, pid),
  }
  for (const name of TAKEN) Reflect.deleteProperty(environment, name)
  return taken
}

/** The package's launcher hands over a non-blocking socket as `SDN_FD`. */
function fromLauncher(environment: Environment): SupervisorEnvironment['notifySocketDescriptor'] {
  const number = positive(environment['SDN_FD'])
  return number === undefined ? undefined : { number, blocking: false }
}

/** `OpenFile=/run/systemd/notify:notify` of systemd 253 and later hands over a blocking one. */
function fromOpenFile(environment: Environment, pid: number): SupervisorEnvironment['notifySocketDescriptor'] {
  if (positive(environment['LISTEN_PID']) !== pid) return undefined
  const index = (environment['LISTEN_FDNAMES'] ?? '').split(':').indexOf('notify')
  return index < 0 ? undefined : { number: FIRST_PASSED_DESCRIPTOR + index, blocking: true }
}

function watchdog(environment: Environment, pid: number): number | undefined {
  const microseconds = positive(environment['WATCHDOG_USEC'])
  const meant = positive(environment['WATCHDOG_PID']) ?? pid
  return microseconds === undefined || meant !== pid ? undefined : microseconds / 1000
}

function positive(text: string | undefined): number | undefined {
  return text !== undefined && /^[1-9][0-9]{0,15}$/.test(text) ? Number(text) : undefined
}
