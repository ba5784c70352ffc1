import type { ControlAnswer, ControlRequest } from '../../src/daemon/control-protocol.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import type { Random } from '../../src/ports/random.ts'
import { cutPower, type Outcome } from '../fakes/disk/power-cut.ts'
import { configurationOf } from '../fakes/host.ts'
import { createFakeRandom } from '../fakes/random.ts'
import { DATA, SERVER_LOG, SOCKET_DIRECTORY } from '../fakes/simulated-data-directory.ts'
import { CONFIG_FILE, type SimulatedDaemon, startSimulatedDaemon } from '../fakes/simulated-daemon.ts'
import { createLife, type Life } from '../fakes/simulated-gate.ts'
import { createMachine, type SimulatedMachine } from '../fakes/simulated-machine.ts'
import { createTruth, type Truth } from './truth.ts'

export const STATE_DIRECTORY = '/var/lib/pgwatchd'
export const RUNTIME_DIRECTORY = '/run/pgwatchd'

const RESTART_AFTER_MS = 1_000
const BOOT_MS = 20_000
/** What of the server's log had not reached the disk, at most. */
const UNWRITTEN_LOG_BYTES = 400

export interface WorldOptions {
  readonly seed: number
  /** Appended to the configuration. */
  readonly yaml?: string
}

/** A machine, the pgwatchd that systemd keeps running on it, and whoever does something to them. */
export interface World {
  readonly machine: SimulatedMachine
  /** Decides what befalls the machine; the daemon has another one. */
  readonly random: Random
  readonly truth: Truth
  /** The living pgwatchd, once it has started. */
  daemon(): SimulatedDaemon | undefined
  /** Whether a pgwatchd lives, also while it starts. */
  isAlive(): boolean
  /** The moments, in elapsed milliseconds, at which a pgwatchd ended. */
  readonly deaths: readonly number[]
  readonly powerCuts: number
  configure(yaml: string): void
  /** Boots the server and starts pgwatchd. */
  start(): void
  /** Calls `act` later, whatever becomes of the machine until then. */
  later(delayMs: number, act: () => void): void
  /** kill -9; systemd starts the next one, by default after a second. */
  kill(restartAfterMs?: number): void
  /** SIGTERM, and the next start once it has ended. */
  restart(): void
  /** Ends everything at once, and boots again. `outcome` tells what the disk has kept. */
  cutPower(outcome: Outcome): void
  /** An operator's request; the answer comes in its time, or never. */
  ask(request: ControlRequest): Promise<readonly ControlAnswer[]>
  /** Lets time pass. */
  pass(durationMs: number): Promise<void>
  /** A start of pgwatchd that failed for another reason than the outside. */
  onBug: (error: unknown) => void
}

export function createWorld(options: WorldOptions): World {
  return new SimulatedWorld(options)
}

class SimulatedWorld implements World {
  readonly machine: SimulatedMachine
  readonly random: Random
  readonly truth: Truth = createTruth()
  readonly deaths: number[] = []
  powerCuts = 0
  onBug: (error: unknown) => void = () => undefined
  #life: Life | undefined
  #daemon: SimulatedDaemon | undefined
  #restartAfterMs = RESTART_AFTER_MS
  /** Counts intentions to start, so that one that was overtaken is of no consequence. */
  #starts = 0

  constructor({ seed, yaml = '' }: WorldOptions) {
    this.machine = createMachine(seed)
    this.random = createFakeRandom(seed ^ 0x5bd1e995)
    const { files } = this.machine
    files.mount('/run', { totalBytes: 1e8, availableBytes: 1e8, isVolatile: true })
    files.mount(STATE_DIRECTORY, { totalBytes: 1e9, availableBytes: 8e8 })
    files.putDirectory(RUNTIME_DIRECTORY, 0o755)
    this.configure(yaml)
  }

  daemon(): SimulatedDaemon | undefined {
    return this.isAlive() ? this.#daemon : undefined
  }

  isAlive(): boolean {
    return this.#life?.isOver() === false
  }

  configure(yaml: string): void {
    this.machine.files.put(CONFIG_FILE, configurationOf(yaml))
  }

  start(): void {
    this.machine.server.boot()
    this.#begin()
  }

  later(delayMs: number, act: () => void): void {
    this.machine.clock.afterOutside(delayMs, act)
  }

  kill(restartAfterMs = RESTART_AFTER_MS): void {
    this.#restartAfterMs = restartAfterMs
    this.#life?.end()
    this.#restartAfterMs = RESTART_AFTER_MS
  }

  restart(): void {
    const [life, daemon] = [this.#life, this.daemon()]
    void daemon?.stop().then(() => life?.end(), this.onBug)
  }

  cutPower(outcome: Outcome): void {
    const { clock, files, server, processes } = this.machine
    this.powerCuts += 1
    this.kill(BOOT_MS)
    server.losePower()
    for (const { pid } of processes.find(() => true)) processes.end(pid)
    cutPower(files.disk, outcome, this.random)
    this.#loseLogTail()
    this.truth.lostPower()
    clock.reboot()
    this.later(BOOT_MS - 500, () => this.#boot())
  }

  ask(request: ControlRequest): Promise<readonly ControlAnswer[]> {
    return this.daemon()?.ask(request) ?? Promise.resolve([])
  }

  pass(durationMs: number): Promise<void> {
    return this.machine.clock.advance(durationMs)
  }

  #boot(): void {
    this.machine.files.putDirectory(RUNTIME_DIRECTORY, 0o755)
    this.machine.files.putDirectory(SOCKET_DIRECTORY)
    if (this.truth.startsAtBoot) void this.machine.service.onStart(undefined)
  }

  #begin(): void {
    const { machine } = this
    const life = createLife(machine.gate, machine.clock, () => this.#ended())
    this.#life = life
    this.#daemon = undefined
    machine.lifeSign.lastMs = machine.clock.elapsedMs()
    startSimulatedDaemon(machine, life).then(
      (daemon) => void (this.#life === life && (this.#daemon = daemon)),
      (error: unknown) => {
        if (!(error instanceof OutsideError)) this.onBug(error)
        life.end()
      },
    )
  }

  #ended(): void {
    this.deaths.push(this.machine.clock.elapsedMs())
    this.#daemon = undefined
    this.#starts += 1
    const start = this.#starts
    this.later(this.#restartAfterMs, () => (start === this.#starts ? this.#begin() : undefined))
  }

  #loseLogTail(): void {
    const { files } = this.machine
    const text = files.textOf(SERVER_LOG)
    if (text === undefined) return
    files.put(SERVER_LOG, text.slice(0, Math.max(0, text.length - Math.floor(this.random.fraction() * UNWRITTEN_LOG_BYTES))))
  }
}

/** Whether the server answers everybody now. */
export function isServing({ machine: { server } }: World): boolean {
  return server.phase === 'running' && !server.isFrozen()
}

export { DATA }
