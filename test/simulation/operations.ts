import type { PortCall } from '../fakes/simulated-gate.ts'
import { DATA, SOCKET_DIRECTORY } from '../fakes/simulated-data-directory.ts'

/** Calls after which the world is another one: between two of them it does not matter when the daemon dies. */
const CHANGES =
  /^(disk (create|write|fsync|fdatasync|rename|link|unlink|mkdir|rmdir|chmod|lchown|utimes|symlink)|processes signal|mailer send)$/

/** Calls that change something outside the daemon, in whatever way they end. */
export function changesTheWorld({ operation, object }: PortCall): boolean {
  if (operation === 'commands run') return /^systemctl .*(start|stop|kill|reset-failed) /.test(object)
  return CHANGES.test(operation)
}

/** What pgwatchd does to a cluster. */
export type ActKind =
  /** Asks the service manager for the server. */
  | 'start'
  /** Ends the server or a process of it, in whatever way. */
  | 'end'
  /** Lets a suspended process go on. */
  | 'thaw'
  /** Moves a lock file aside, or back. */
  | 'lock-file'
  /** Gives room back, or changes anything else in or beside the data directory. */
  | 'files'
  /** Keeps others from starting the server. */
  | 'hold'

export interface Act {
  readonly kind: ActKind
  readonly call: PortCall
}

const NAMES_CHANGE = /^disk (rename|link|unlink|rmdir|symlink|create|write|chmod)$/
/** A file that is being written under a name of its own, to be given the right one when it is whole. */
const UNFINISHED = /\/\.([^/]+)\.[0-9a-f]+\.new$/
const LOCK_FILES = [`${DATA}/postmaster.pid`, `${SOCKET_DIRECTORY}/.s.PGSQL.5432.lock`]
/** Below it everything is the server's, or the ballast that pgwatchd keeps for it. */
const SERVER_VOLUME = '/var/lib/postgresql'
const BALLAST = /\.pgwatchd-ballast-[^/]*$/

/** The act that a call amounts to; `undefined` for what concerns pgwatchd alone. */
export function actOf(call: PortCall): Act | undefined {
  const kind = kindOf(call)
  return kind === undefined ? undefined : { kind, call }
}

/** The paths of a call; a file that is not yet whole goes by the name that it gets. */
export function namesOf(object: string): readonly string[] {
  return object.split(' ').map((path) => path.replace(UNFINISHED, '/$1'))
}

function kindOf({ operation, object }: PortCall): ActKind | undefined {
  if (operation === 'commands run') return kindOfCommand(object)
  if (operation === 'processes signal') return object.endsWith('SIGCONT') ? 'thaw' : 'end'
  if (operation === 'disk create' && object.startsWith('/run/pgwatchd/hold')) return 'hold'
  if (!NAMES_CHANGE.test(operation)) return undefined
  const paths = namesOf(object)
  if (paths.some((path) => LOCK_FILES.includes(path))) return 'lock-file'
  return paths.some((path) => path.startsWith(SERVER_VOLUME) && !BALLAST.test(path)) ? 'files' : undefined
}

function kindOfCommand(line: string): ActKind | undefined {
  const verb = /^systemctl --no-ask-password (\S+)/.exec(line)?.[1]
  if (verb === 'start') return 'start'
  return verb === 'stop' || verb === 'kill' ? 'end' : undefined
}
