/** One system call of the daemon by which it changes something outside of itself, as strace wrote it down. */
export interface Call {
  readonly name: string
  /** Node's own thread, or the one that works on files for it. */
  readonly thread: 'main' | 'files'
  /** Which call of that name it is in its thread, from 1: strace's own way of counting. */
  readonly ordinal: number
  /** What it is about, the same in every run: `rename state/matrix.state`. */
  readonly label: string
}

/** System calls that can change something; which of them did is told by their arguments and results. */
export const TRACED_CALLS: readonly string[] = [
  'openat',
  'write',
  'pwrite64',
  'writev',
  'ftruncate',
  'rename',
  'link',
  'unlink',
  'rmdir',
  'mkdir',
  'symlink',
  'chmod',
  'fchmod',
  'utimensat',
  'fsync',
  'fdatasync',
  'bind',
  'kill',
  'clone',
]

/** strace names the thread only where it follows several. */
const BEGUN = /^(?:(?<tid>\d+) +)?(?<name>\w+)\((?<rest>.*)$/
const RESUMED = /^(?:(?<tid>\d+) +)?<\.\.\. (?<name>\w+) resumed>(?<rest>.*)$/

/** Statements that change what the server keeps or does; questions and settings of a session do not. */
const CHANGING_STATEMENT =
  /(?<![a-z_][a-z_])(insert|update|delete|create|alter|drop|truncate|reindex|vacuum|cluster|copy|checkpoint|lock|commit|rollback|pg_terminate_backend|pg_cancel_backend|pg_reload_conf)\b/i

interface Line extends Call {
  readonly rest: string
  /** Empty where the call did not come to its end. */
  readonly result: string
}

/** Every call in a trace of a whole run that changed something, in order. `directory` is cut off from paths. */
export function readCalls(trace: string, directory: string): readonly Call[] {
  return readLines(trace, directory)
    .filter(changesSomething)
    .map(({ name, thread, ordinal, label }) => ({ name, thread, ordinal, label }))
}

/**
 * The call at which the daemon was killed: SIGKILL comes before the call is made, so it has no result. `undefined` when it
 * was not killed; `changes` is false when that call would have changed nothing.
 */
export function readKill(
  trace: string,
  directory: string,
  name: string,
): { readonly label: string; readonly changes: boolean } | undefined {
  if (!trace.includes('+++ killed by SIGKILL +++')) return undefined
  const last = readLines(trace, directory).findLast((line) => line.name === name && line.result === '?')
  return last === undefined ? undefined : { label: last.label, changes: changesSomething(last) }
}

function readLines(trace: string, directory: string): readonly Line[] {
  const counts = new Map<string, number>()
  const lines: Line[] = []
  const results = resultsOfResumed(trace)
  const main = /^\d+/.exec(trace)?.[0] ?? ''
  for (const text of trace.split('\n')) {
    const { tid = '', name = '', rest = '' } = BEGUN.exec(text)?.groups ?? {}
    if (name === '') continue
    const key = `${tid} ${name}`
    const ordinal = (counts.get(key) ?? 0) + 1
    counts.set(key, ordinal)
    const result = rest.endsWith('<unfinished ...>') ? (results.get(key)?.shift() ?? '?') : resultIn(rest)
    const thread = tid === main ? 'main' : 'files'
    lines.push({ thread, name, rest, ordinal, result, label: `${name} ${objectOf(rest, directory)}`.trimEnd() })
  }
  return lines
}

/** By thread and call, in their order. */
function resultsOfResumed(trace: string): Map<string, string[]> {
  const results = new Map<string, string[]>()
  for (const text of trace.split('\n')) {
    const { tid = '', name = '', rest = '' } = RESUMED.exec(text)?.groups ?? {}
    if (name !== '') results.set(`${tid} ${name}`, [...(results.get(`${tid} ${name}`) ?? []), resultIn(rest)])
  }
  return results
}

function resultIn(rest: string): string {
  return / = (\?|-?\d+.*)$/.exec(rest)?.[1] ?? '?'
}

function changesSomething({ name, rest, result }: Line): boolean {
  if (name === 'openat' && !/O_CREAT|O_WRONLY|O_RDWR/.test(rest)) return false
  if (name === 'clone' && rest.includes('CLONE_THREAD')) return false
  if (/^\d+<(anon_inode:|pipe:|\/dev\/)/.test(rest)) return false
  if (/^\d+<socket/.test(rest)) return name === 'bind' || CHANGING_STATEMENT.test(rest)
  return !result.startsWith('-1 ')
}

const STATEMENT =
  /(select|insert|update|delete|create|alter|drop|truncate|reindex|vacuum|cluster|copy|checkpoint|lock|begin|commit|rollback|set|show)\b[^"\\]*/i

/** The path, statement or signal that a call is about, without what differs from run to run. */
function objectOf(rest: string, directory: string): string {
  const path =
    /sun_path="([^"]+)"/.exec(rest)?.[1] ?? /^\d+<(\/[^>]+)>/.exec(rest)?.[1] ?? /"(\/[^"]+)"(?:, \d|, O_|\) |, {)/.exec(rest)?.[1]
  const target = /^"\/[^"]+", "(\/[^"]+)"/.exec(rest)?.[1] ?? path ?? /"(\/[^"]+)"/.exec(rest)?.[1]
  if (target !== undefined) return withoutChance(target.replace(`${directory}/`, ''))
  const statement = STATEMENT.exec(rest)?.[0]
  if (/^\d+<socket/.test(rest)) return `server: ${statement ?? ''}`.trimEnd()
  return /SIG[A-Z0-9]+$|SIG[A-Z0-9]+(?=\))/.exec(rest)?.[0] ?? ''
}

function withoutChance(path: string): string {
  return path
    .replace(/\d{8}T\d{6}Z-[\w.-]+?-[0-9a-f]{4}(?=\/|$)/, 'INCIDENT')
    .replace(/\d{15}-[0-9a-f]{8}-(keep|drop)/, 'MAIL-$1')
    .replace(/\.[0-9a-f]{12}\.new$/, '.*.new')
    .replace(/\.s\.PGSQL\.\d+$/, '.s.PGSQL')
}
