import type { ControlAnswer } from '../../src/daemon/control-protocol.ts'
import { TAKEN } from '../fakes/mailer.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'
import type { Conditions } from '../fakes/simulated-server.ts'
import type { World } from './world.ts'

const ENOUGH_BYTES = 1e8
const SOUND: Partial<Conditions> = { redoMs: 800, stalled: false, fatalAtStart: '', configurationError: '', slotsFull: 'no' }

/** What people and chance do to a world; each keeps the truth up to date. */

export async function stopByOperator({ machine, truth }: World): Promise<void> {
  if (machine.server.phase !== 'running' || machine.server.isFrozen()) return
  truth.stoppedByOperatorMs = machine.clock.elapsedMs()
  await machine.service.onStop('fast', undefined)
}

export async function startByOperator({ machine, truth }: World): Promise<void> {
  truth.stoppedByOperatorMs = undefined
  await machine.service.onStart(undefined)
}

/** Asks for hands off; they are off once it is confirmed. */
export async function pause(world: World, forMs?: number): Promise<void> {
  const answers = await world.ask({ command: 'pause', by: 'anna', ...(forMs === undefined ? {} : { forMs }) })
  const nowMs = world.machine.clock.elapsedMs()
  if (!isDone(answers)) return
  world.truth.pausedSinceMs = nowMs
  world.truth.pausedUntilMs = forMs === undefined ? undefined : nowMs + forMs
}

/** From the moment of asking on the pause cannot be counted upon. */
export async function resume(world: World): Promise<void> {
  world.truth.pausedSinceMs = undefined
  world.truth.resets.push(world.machine.clock.elapsedMs())
  await world.ask({ command: 'resume', by: 'anna' })
}

export async function requestRecovery(world: World): Promise<void> {
  world.truth.resets.push(world.machine.clock.elapsedMs())
  world.truth.stoppedByOperatorMs = undefined
  await world.ask({ command: 'recover', planOnly: false })
}

/** Everything on the server's volume is used up. */
export function fillDisk({ machine }: World): void {
  machine.files.volumeOf(DATA).availableBytes = 0
}

export function makeRoom({ machine }: World, bytes = 4e8): void {
  machine.files.volumeOf(DATA).availableBytes += bytes
}

/** Another manager's process appears. */
export function seizeCluster({ machine, truth }: World): void {
  truth.foreignSinceMs = machine.clock.elapsedMs()
  machine.processes.put({
    pid: 900,
    executable: '/usr/bin/python3',
    commandLine: '/usr/bin/python3 /usr/bin/patroni /etc/patroni/15-main.yml',
  })
}

export function yieldCluster({ machine, truth }: World): void {
  truth.foreignSinceMs = undefined
  machine.processes.end(900)
}

/** After a crash the kernel gives the postmaster's pid to a program of another user's interest. */
export function giveAwayPid({ machine }: World): void {
  machine.processes.put({ pid: machine.server.postmasterPid, commandLine: '/usr/bin/python3 /srv/postgres-exporter.py' })
}

/** A person mends whatever is broken, and leaves the server to pgwatchd. */
export function mend(world: World): void {
  const { server, files, mailer, processes, directory } = world.machine
  Object.assign(server.conditions, SOUND)
  mailer.otherwise = () => TAKEN
  world.truth.startsAtBoot = true
  files.disk.find(DATA, true)!.inode!.mode = 0o700
  if (!directory.hasRoomFor(ENOUGH_BYTES)) makeRoom(world)
  if (world.truth.foreignSinceMs !== undefined) yieldCluster(world)
  const postmaster = processes.inspect(server.postmasterPid)
  if (server.isFrozen() && postmaster !== undefined) processes.put({ ...postmaster, state: 'S' })
}

function isDone(answers: readonly ControlAnswer[]): boolean {
  const last = answers.at(-1)
  return last?.type === 'done' && last.ok
}
