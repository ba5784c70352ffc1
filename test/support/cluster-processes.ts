import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Numbers of an operating-system user. */
export function ownerOf(user: string): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${user}:`))
  const [, , uid, gid] = (line ?? '').split(':')
  if (uid === undefined || gid === undefined) throw new Error(`no operating-system user ${user}: install postgresql-15`)
  return { uid: Number(uid), gid: Number(gid) }
}

/** State letter and start time of a process; `undefined` when there is none. */
function processStat(pid: number): { state: string; startTimeTicks: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { state: fields[0] ?? '', startTimeTicks: Number(fields[19]) }
  } catch {
    return undefined
  }
}

/** Start time in clock ticks since boot; 0 for a process that is gone. */
export function startTimeTicks(pid: number): number {
  return processStat(pid)?.startTimeTicks ?? 0
}

/** A zombie is dead, although `kill(pid, 0)` succeeds until its parent reaps it. */
export function isAlive(pid: number): boolean {
  const state = processStat(pid)?.state
  return state !== undefined && state !== 'Z' && state !== 'X'
}

function link(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** Live PostgreSQL processes that work in a data directory; the kernel's own names decide, never a command line. */
export function serversIn(dataDirectory: string): { pid: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => link(`/proc/${name}/cwd`).replace(/ \(deleted\)$/, '') === dataDirectory)
    .filter((name) => basename(link(`/proc/${name}/exe`)).startsWith('postgres'))
    .map((name) => ({ pid: Number(name) }))
    .filter(({ pid }) => isAlive(pid))
}

/** From postmaster.pid; 0 when there is none. */
function namedPostmaster(dataDirectory: string): number {
  const file = join(dataDirectory, 'postmaster.pid')
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : 0
}

function postmasterFirst(dataDirectory: string, servers: { pid: number }[]): number[] {
  const postmaster = namedPostmaster(dataDirectory)
  return servers.map(({ pid }) => pid).sort((a, b) => Number(b === postmaster) - Number(a === postmaster))
}

function signalQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself between the look and the signal.
  }
}

/**
 * SIGKILL to every process of one data directory, the postmaster first, until all are dead; at most 20 s. `reaped`: until
 * init has taken the zombies too (seconds in a container), because PostgreSQL believes that a zombie postmaster lives and
 * refuses to start.
 */
export async function killServers(dataDirectory: string, { reaped }: { readonly reaped: boolean }): Promise<void> {
  const named = namedPostmaster(dataDirectory)
  const killed = new Set<number>(startTimeTicks(named) !== 0 && !isAlive(named) ? [named] : [])
  for (let round = 0; round < 2000; round++) {
    const servers = serversIn(dataDirectory)
    for (const pid of postmasterFirst(dataDirectory, servers)) {
      killed.add(pid)
      signalQuietly(pid)
    }
    if (servers.length === 0 && [...killed].every((pid) => (reaped ? startTimeTicks(pid) === 0 : !isAlive(pid)))) return
    await sleep(10)
  }
  throw new Error(`processes of ${dataDirectory} survive SIGKILL or are not reaped`)
}

/** Removes what tests left behind whose own process was killed: their directories carry its pid and start time. */
export async function sweepAbandoned(): Promise<void> {
  for (const name of readdirSync('/tmp')) {
    const [, pid, start] = /^pgwatchd-test-(\d+)-(\d+)-/.exec(name) ?? []
    if (pid === undefined || start === undefined || startTimeTicks(Number(pid)) === Number(start)) continue
    await killServers(join('/tmp', name, 'data'), { reaped: false })
    // What belongs to another user is left to that user's next test.
    await rm(join('/tmp', name), { recursive: true, force: true, maxRetries: 5 }).catch(() => undefined)
  }
}

/** Resolves when `condition` holds, looked at every 10 ms; rejects after `timeoutMs` with `what`. */
export async function waitUntil(what: string, condition: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await sleep(10)
  }
}
