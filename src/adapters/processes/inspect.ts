import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs'
import type { ProcessLife, ProcessStatus } from '../../ports/processes.ts'
import { parseIoBytes, parseKernelStack, parseKillPending, parseStat } from './stat.ts'

const COMMAND_LINE_BYTES = 4096

/** Everything about one process; `undefined` when there is none, or it ends while it is looked at. */
export function inspect(pid: number): ProcessStatus | undefined {
  const stat = parseStat(readIfAllowed(`/proc/${pid}/stat`) ?? '')
  const uid = userOf(pid)
  if (stat === undefined || uid === undefined) return undefined
  return {
    pid,
    parentPid: stat.parentPid,
    state: stat.state,
    startTimeTicks: stat.startTimeTicks,
    uid,
    executable: executableOf(pid),
    workingDirectory: workingDirectoryOf(pid),
    commandLine: commandLineOf(pid),
    cpuTicks: stat.cpuTicks,
    ioBytes: parseIoBytes(readIfAllowed(`/proc/${pid}/io`) ?? ''),
    waitChannel: toChannel(readIfAllowed(`/proc/${pid}/wchan`)),
    killPending: stat.state === 'D' && parseKillPending(readIfAllowed(`/proc/${pid}/status`) ?? ''),
  }
}

/** The directory of a process that may not be dumped belongs to root, whoever runs it: then its status tells the effective user. */
function userOf(pid: number): number | undefined {
  const owner = unlessRefused(() => statSync(`/proc/${pid}`).uid)
  if (owner !== 0) return owner
  const effective = /^Uid:\s+\d+\s+(\d+)/m.exec(readIfAllowed(`/proc/${pid}/status`) ?? '')?.[1]
  return effective === undefined ? owner : Number(effective)
}

/** Whether one process lives; `undefined` when there is none. */
export function glance(pid: number): ProcessLife | undefined {
  const stat = parseStat(readIfAllowed(`/proc/${pid}/stat`) ?? '')
  return stat && { pid, state: stat.state, startTimeTicks: stat.startTimeTicks }
}

export function kernelStack(pid: number): readonly string[] {
  return parseKernelStack(readIfAllowed(`/proc/${pid}/stack`) ?? '')
}

/** Every process of this host by number, zombies too. */
export function listPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** A zombie holds its number and nothing else. */
export function isDead(state: string): boolean {
  return state === 'Z' || state === 'X' || state === 'x'
}

/** The kernel appends " (deleted)" when a package upgrade has replaced the program. */
export function executableOf(pid: number): string | undefined {
  return unlessRefused(() => readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, ''))
}

/** By device and inode, which hold also where the path leads through links. */
export function workingDirectoryOf(pid: number): ProcessStatus['workingDirectory'] {
  return unlessRefused(() => {
    const { dev, ino } = statSync(`/proc/${pid}/cwd`)
    return { device: dev, inode: ino, path: readlinkSync(`/proc/${pid}/cwd`) }
  })
}

/** Paths of the open files of a process; none where it may not be looked at. */
export function openPathsOf(pid: number): string[] {
  const numbers = unlessRefused(() => readdirSync(`/proc/${pid}/fd`)) ?? []
  return numbers.flatMap((number) => unlessRefused(() => readlinkSync(`/proc/${pid}/fd/${number}`)) ?? [])
}

/** `undefined` when it is gone or not ours to read: in `/proc` neither is worth telling apart. */
export function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}

export function readIfAllowed(path: string): string | undefined {
  return unlessRefused(() => readFileSync(path, 'utf8'))
}

function commandLineOf(pid: number): string {
  const bytes = unlessRefused(() => readStart(`/proc/${pid}/cmdline`, COMMAND_LINE_BYTES))
  return (bytes ?? Buffer.alloc(0)).toString('utf8').replaceAll('\0', ' ').trim()
}

function readStart(path: string, maxBytes: number): Buffer {
  const descriptor = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(maxBytes)
    return buffer.subarray(0, readSync(descriptor, buffer, 0, maxBytes, null))
  } finally {
    closeSync(descriptor)
  }
}

/** "0" means that it does not wait in the kernel, or that the kernel does not tell. */
function toChannel(text: string | undefined): string {
  return text === undefined || text === '0' ? '' : text
}
