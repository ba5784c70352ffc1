import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'

const PARENT = '/tmp'
const NAME = /^pgwatchd-demo-(\d+)-(\d+)-/

/** In clock ticks since boot: with the pid it names one process for ever. 0 when there is none. */
export function startTimeOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19])
  } catch {
    return 0
  }
}

/** The beginning of a stage's directory: it names the process that owns it. */
export function stagePrefix(pid: number): string {
  return join(PARENT, `pgwatchd-demo-${pid}-${startTimeOf(pid)}-`)
}

function isInside(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`)
}

/** Processes that work in the directory; the kernel tells, not a pid file. */
function processesIn(directory: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return isInside(readlinkSync(`/proc/${name}/cwd`).replace(/ \(deleted\)$/, ''), directory)
      } catch {
        return false
      }
    })
    .map(Number)
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself between the look and the signal.
  }
}

/** The directory may be a mount point's parent; `umount` of one that is none fails without harm. */
function unmount(directory: string): void {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[4] ?? '')
  for (const mount of mounts.filter((each) => isInside(each, directory))) spawnSync('umount', ['--lazy', mount])
}

/** Ends every process of a stage and removes its mount and its files. May be called again, and from an exit handler. */
export function removeStage(directory: string): void {
  for (let round = 0; round < 50; round++) {
    const left = processesIn(directory)
    left.forEach(killQuietly)
    if (left.length === 0) break
  }
  unmount(directory)
  rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}

/** Another user's stage is left to that user, and to root. */
function isOurs(directory: string): boolean {
  const uid = process.getuid?.()
  return uid === 0 || statSync(directory, { throwIfNoEntry: false })?.uid === uid
}

/** Removes every stage whose owner is gone, or is `owner`. */
export function removeLeftovers(owner?: number): void {
  for (const name of readdirSync(PARENT)) {
    const [, pid, start] = NAME.exec(name) ?? []
    if (pid === undefined || !isOurs(join(PARENT, name))) continue
    if (Number(pid) === owner || startTimeOf(Number(pid)) !== Number(start)) removeStage(join(PARENT, name))
  }
}
