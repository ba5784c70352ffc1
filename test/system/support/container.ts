import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename } from 'node:path'
import { controlGroupPaths, enterControlGroups } from './control-groups.ts'
import { run } from './run.ts'
import { waitFor } from './wait.ts'

const BOOT_TIMEOUT_MS = 60_000
const END_TIMEOUT_MS = 15_000

/** A booted root: it lives until `remove`, or until this process ends in any way. */
export interface Container {
  /** pid on this host of the container's first process; another one after each `boot`. */
  leaderPid(): number
  /** Starts systemd in the root and returns as soon as its first process is there. */
  boot(): Promise<void>
  /** The end of power: every process dies at once. On a volume of ext4 or xfs what was not made durable is gone as well. */
  cutPower(): Promise<void>
  remove(): Promise<void>
}

/**
 * Where what a container writes is kept. A program that lies in memory counts as resident in larger pieces than one on a disk.
 * `ext4` and `xfs` are volumes that lose at a cut of power what a disk would lose.
 */
export type Medium = 'memory' | 'disk' | 'ext4' | 'xfs'

/** Makes a container over `lowerRoot`; nothing runs in it before `boot`. */
export async function makeContainer(lowerRoot: string, medium: Medium = 'memory'): Promise<Container> {
  const directory = mkdtempSync(`${tmpdir()}/pgwatchd-test-`)
  const groups = controlGroupPaths(basename(directory))
  const holder = await holdRoot([lowerRoot, directory, medium, ...groups])
  let supervisor: ChildProcess | undefined
  let leaderPid = 0

  const cutPower = async (): Promise<void> => {
    if (supervisor === undefined) return
    const ended = once(supervisor, 'exit', { signal: AbortSignal.timeout(END_TIMEOUT_MS) })
    const isVolume = medium === 'ext4' || medium === 'xfs'
    if (isVolume) await order(holder, 'cut')
    process.kill(leaderPid, 'SIGKILL')
    await ended
    supervisor = undefined
    if (isVolume) await order(holder, 'mount')
  }
  return {
    leaderPid: () => leaderPid,
    boot: async () => {
      const started = startSupervisor(holder.pid ?? 0, directory, groups)
      supervisor = started
      leaderPid = await waitFor('the first process of the container', BOOT_TIMEOUT_MS, () => findLeader(started))
    },
    cutPower,
    remove: async () => {
      const ended = once(holder, 'exit', { signal: AbortSignal.timeout(END_TIMEOUT_MS) })
      holder.stdin?.end()
      const [exitCode] = (await ended) as [number]
      if (exitCode !== 0) throw new Error(`the container in ${directory} left something behind`)
    },
  }
}

/** In a session of its own, so that no signal for the tests ends it before it has cleaned up. */
async function holdRoot(words: readonly string[]): Promise<ChildProcess> {
  const script = [`${import.meta.dirname}/hold-root`, ...words]
  const holder = spawn('unshare', ['-m', '--propagation', 'private', ...script], { stdio: ['pipe', 'pipe', 'inherit'], detached: true })
  await once(holder.stdout, 'data', { signal: AbortSignal.timeout(BOOT_TIMEOUT_MS) })
  return holder
}

/** Resolves when the holder has done it. */
async function order(holder: ChildProcess, word: 'cut' | 'mount'): Promise<void> {
  const answered = once(holder.stdout ?? holder, 'data', { signal: AbortSignal.timeout(END_TIMEOUT_MS) })
  holder.stdin?.write(`${word}\n`)
  await answered
}

/** systemd-nspawn, started in the holder's mount namespace and the container's control groups. */
function startSupervisor(holderPid: number, directory: string, groups: readonly string[]): ChildProcess {
  const own = ['--quiet', '--register=no', '--keep-unit', '--private-network', '--console=pipe', `--machine=${basename(directory)}`]
  const nspawn = ['systemd-nspawn', ...own, '-D', `${directory}/root`, '--boot']
  // It waits for a line, so that it is in its control groups before it makes children.
  const script = ['-c', 'read -r; exec "$@"', 'nspawn', 'nsenter', '-t', String(holderPid), '-m', '--', ...nspawn]
  const supervisor = spawn('bash', script, { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  enterControlGroups(groups, supervisor.pid ?? 0)
  supervisor.stdin.end('go\n')
  return supervisor
}

/** The supervisor's child that is number 1 in its own pid namespace. */
async function findLeader(supervisor: ChildProcess): Promise<number | undefined> {
  if (supervisor.exitCode !== null) throw new Error(`systemd-nspawn ended with exit code ${String(supervisor.exitCode)}`)
  const { stdout } = await run(['pgrep', '-P', String(supervisor.pid)], { anyExit: true })
  const children = stdout.split('\n').filter((pid) => pid !== '')
  const leader = children.find((pid) => /^NSpid:.*\t1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')))
  return leader === undefined ? undefined : Number(leader)
}
