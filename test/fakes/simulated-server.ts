import type { ControlState } from '../../src/core/facts.ts'
import type { LoginRole } from '../../src/ports/postgres.ts'
import type { ProcessSignal, ProcessStatus } from '../../src/ports/processes.ts'
import type { StopMode } from '../../src/ports/service-manager.ts'
import type { FakeClock } from './clock.ts'
import type { FakeProcesses } from './processes.ts'
import type { FakeServiceManager } from './service-manager.ts'
import { done, refused } from './service-manager.ts'
import { DATA, SEGMENT_BYTES } from './simulated-data-directory.ts'
import type { SimulatedDataDirectory } from './simulated-data-directory.ts'

/** One client's session, named by its pid. */
export interface SimulatedClient {
  readonly pid: number
  readonly state: 'idle' | 'idle in transaction' | 'active'
  readonly stateForMs: number
}

/** What a test makes of the server; each can be changed at any time. */
export interface Conditions {
  /** How long the redo of a crash recovery takes; a clean start takes a tenth of a second. */
  redoMs: number
  /** Nothing moves while it starts. */
  stalled: boolean
  /** What the server says before it exits in each start; empty: it starts. */
  fatalAtStart: string
  /** What the server says against its configuration; empty: nothing. */
  configurationError: string
  /** What `pg_waldump` says at the end of the WAL. */
  walEnd: string
  /** Base backups under way. */
  baseBackups: number
  /** The connection slots are taken: those of the application, or the reserved ones too. */
  slotsFull: 'no' | 'application' | 'everybody'
  /** Clients that hold the slots while they are full; when one of them is ended, there is room. */
  clients: readonly SimulatedClient[]
  /** Of 97; those of `clients` aside. */
  otherSlots: number
  refusedLogin: boolean
  readOnly: boolean
  /** How long each login and each statement takes. */
  latencyMs: (role: LoginRole) => number
  /** No signal reaches its processes: those that are killed hang in the kernel. */
  unkillable: boolean
}

type Phase = 'down' | 'starting' | 'running' | 'stopping'

/** A small PostgreSQL: processes, files and log as the real one has them, under a service manager. */
export interface SimulatedServer {
  readonly conditions: Conditions
  readonly phase: Phase
  readonly postmasterPid: number
  /** Starts that were begun, by anybody. */
  readonly starts: number
  /** Times that a server began on a directory of which another one was not gone: the end of the data. */
  readonly doubled: number
  /** Rows that it has confirmed and still has. */
  readonly rows: number
  isFrozen(): boolean
  /** Writes a row durably; whether it confirms it. */
  commit(): boolean
  /** The start of a machine: the server runs at once. */
  boot(): void
  /** Every process is killed, the kernel's way: no word in the log, the lock file stays. */
  crash(): void
  /** The postmaster alone is killed: its children live on, and hold the shared memory. */
  behead(): void
  /** The machine goes off: nothing is said, nothing is noticed. */
  losePower(): void
  /** The server ends itself over an error that it must not survive. */
  panic(message: string): void
  /** SIGSTOP to the postmaster. */
  freeze(): void
  /** Called when every connection ends. */
  onEnd: () => void
}

interface Ground {
  readonly clock: FakeClock
  readonly processes: FakeProcesses
  readonly service: FakeServiceManager
  readonly directory: SimulatedDataDirectory
}

const STOP_MS = 200
const CLEAN_START_MS = 100
const MOVE_EVERY_MS = 500
const FATAL_AFTER_MS = 100
/** As the pid file's line 7 names it. */
const SHARED_MEMORY = { id: 7, key: 5_432_001 }

export function createSimulatedServer(ground: Ground): SimulatedServer {
  return new Server(ground)
}

class Server implements SimulatedServer {
  readonly conditions: Conditions = {
    redoMs: 800,
    stalled: false,
    fatalAtStart: '',
    configurationError: '',
    walEnd: 'error in WAL record at 0/1741530: invalid record length at 0/1741558: wanted 24, got 0',
    baseBackups: 0,
    slotsFull: 'no',
    clients: [],
    otherSlots: 0,
    refusedLogin: false,
    readOnly: false,
    latencyMs: () => 0,
    unkillable: false,
  }
  phase: Phase = 'down'
  postmasterPid = 0
  starts = 0
  doubled = 0
  rows = 0
  onEnd: () => void = () => undefined
  readonly #ground: Ground
  #state: ControlState = 'shut down'
  #nextPid = 4711
  #redo = { leftMs: 0 }
  /** Counts lives of the server, so that a timer of an earlier one is of no consequence. */
  #life = 0

  constructor(ground: Ground) {
    this.#ground = ground
    const { service, processes } = ground
    service.onStart = () => this.#serve()
    service.onStop = (mode) => this.#stop(mode)
    service.onKillAll = () => this.#killAll()
    processes.onSignal = (process, signal) => this.#hear(process, signal)
  }

  isFrozen(): boolean {
    return this.phase !== 'down' && ['T', 'D'].includes(this.#ground.processes.inspect(this.postmasterPid)?.state ?? '')
  }

  commit(): boolean {
    const confirms = this.phase === 'running' && !this.isFrozen() && !this.conditions.readOnly && this.#ground.directory.hasRoomFor(8192)
    if (confirms) this.rows += 1
    return confirms
  }

  boot(): void {
    this.#ground.directory.create()
    this.#begin()
    this.#becomeReady()
  }

  crash(): void {
    if (this.phase === 'down') return
    this.#vanish()
    this.#ground.service.change({ state: 'failed', result: 'signal', mainPid: 0, job: '' })
  }

  panic(message: string): void {
    if (this.phase === 'down') return
    this.#ground.directory.say(this.postmasterPid, `PANIC:  ${message}`)
    this.#vanish()
    this.#ground.directory.removePidFile()
    this.#ground.service.change({ state: 'failed', result: 'exit-code', mainPid: 0, job: '' })
  }

  behead(): void {
    if (this.phase === 'down') return
    const children = this.#ground.processes.postgresIn(DATA).filter(({ pid }) => pid !== this.postmasterPid)
    this.#vanish()
    for (const child of children) this.#ground.processes.put({ ...child, parentPid: 1 })
    this.#ground.processes.sharedMemory.set(SHARED_MEMORY.id, [children.length, SHARED_MEMORY.key])
    this.#ground.service.change({ state: 'failed', result: 'signal', mainPid: 0, job: '' })
  }

  losePower(): void {
    this.#vanish()
    this.#ground.service.change({ state: 'inactive', result: 'success', mainPid: 0, job: '' })
  }

  freeze(): void {
    const postmaster = this.#ground.processes.inspect(this.postmasterPid)
    if (postmaster !== undefined) this.#ground.processes.put({ ...postmaster, state: 'T' })
  }

  #serve() {
    if (this.#ground.service.held) return refused('Assertion failed on job for postgresql@15-main.service')
    if (this.phase !== 'down') return done('it runs already')
    this.starts += 1
    this.#ground.service.change({ state: 'activating', result: 'success', job: 'start' })
    const obstacle = this.#obstacle()
    if (obstacle === undefined) this.#begin()
    else this.#exitWith(obstacle, false)
    return done()
  }

  /** What a server looks for before it takes the directory; without a lock file it finds nobody. */
  #obstacle(): string | undefined {
    const { directory, processes } = this.#ground
    const locked = directory.lockedBy()
    const orphans = processes.postgresIn(DATA)
    if (locked !== undefined && processes.inspect(locked) !== undefined) return 'lock file "postmaster.pid" already exists'
    if (locked !== undefined && orphans.length > 0) return 'pre-existing shared memory block (key 5432001, ID 7) is still in use'
    if (orphans.length > 0) this.doubled += 1
    return directory.hasRoomFor(8192) ? undefined : 'could not write lock file "postmaster.pid": No space left on device'
  }

  #begin(): void {
    const { directory, processes } = this.#ground
    this.#life += 1
    this.phase = 'starting'
    this.postmasterPid = this.#nextPid
    processes.putPostgres(DATA, { pid: this.postmasterPid })
    for (const [offset, title] of [
      [1, 'checkpointer '],
      [2, 'startup '],
    ] as const)
      this.#putChild(offset, title)
    this.#nextPid += 10
    directory.writePidFile(this.postmasterPid, 'starting')
    if (this.conditions.fatalAtStart !== '') this.#later(FATAL_AFTER_MS, () => this.#exitWith(this.conditions.fatalAtStart))
    else this.#recover()
  }

  #recover(): void {
    const clean = this.#state === 'shut down'
    if (!clean && !this.#ground.directory.hasWal()) this.rows = 0
    this.#redo = { leftMs: clean ? CLEAN_START_MS : this.conditions.redoMs }
    const said = clean ? 'database system was shut down' : 'database system was interrupted; last known up at 2026-11-21 00:00:00 UTC'
    this.#ground.directory.say(this.postmasterPid, `LOG:  ${said}`)
    if (!clean) this.#setState('in crash recovery')
    this.#goOn()
  }

  /** Redo in small stretches, each of which shows in the process table. */
  #goOn(): void {
    const stretchMs = Math.min(MOVE_EVERY_MS, this.#redo.leftMs)
    this.#later(Math.max(stretchMs, 1), () => {
      if (this.conditions.stalled || this.isFrozen()) return this.#goOn()
      this.#redo.leftMs -= stretchMs
      this.#move()
      if (this.#redo.leftMs > 0) this.#goOn()
      else this.#endRecovery()
    })
  }

  #move(): void {
    const startup = this.#ground.processes.inspect(this.postmasterPid + 2)
    if (startup === undefined) return
    const segment = Math.floor(startup.cpuTicks / 100)
      .toString(16)
      .toUpperCase()
      .padStart(8, '0')
    const title = this.#state === 'in crash recovery' ? `startup recovering 0000000100000000${segment}` : 'startup '
    this.#putChild(2, title, { cpuTicks: startup.cpuTicks + 25, ioBytes: (startup.ioBytes ?? 0) + 8_000_000 })
  }

  #endRecovery(): void {
    if (this.#ground.directory.hasRoomFor(2 * SEGMENT_BYTES)) return this.#becomeReady()
    this.#exitWith('could not write to file "pg_wal/xlogtemp.12": No space left on device')
  }

  #becomeReady(): void {
    const { directory, processes, service } = this.#ground
    processes.end(this.postmasterPid + 2)
    this.phase = 'running'
    this.#setState('in production')
    directory.writePidFile(this.postmasterPid, 'ready')
    directory.say(this.postmasterPid, 'LOG:  database system is ready to accept connections')
    service.change({ state: 'active', result: 'success', mainPid: this.postmasterPid, job: '' })
  }

  /** As the server ends by itself: the lock file is removed, the unit's start has failed. */
  #exitWith(message: string, ownsDirectory = true): void {
    this.#ground.directory.say(this.postmasterPid, `FATAL:  ${message}`)
    if (ownsDirectory) this.#ground.directory.say(this.postmasterPid, 'LOG:  database system is shut down')
    if (ownsDirectory) this.#vanish()
    if (ownsDirectory) this.#ground.directory.removePidFile()
    this.#ground.service.change({ state: 'failed', result: 'protocol', mainPid: 0, job: '' })
  }

  #stop(mode: StopMode) {
    const deaf = this.isFrozen() || this.conditions.unkillable || mode === 'smart'
    if (this.phase === 'down' || deaf) return done()
    this.#ground.directory.say(this.postmasterPid, `LOG:  received ${mode} shutdown request`)
    this.#ground.directory.writePidFile(this.postmasterPid, 'stopping')
    this.#ground.service.change({ state: 'deactivating', job: 'stop' })
    const clean = mode === 'fast' && this.phase === 'running'
    this.phase = 'stopping'
    this.#later(STOP_MS, () => this.#stopped(clean))
    return done()
  }

  #killAll() {
    if (this.conditions.unkillable) {
      this.#hangKilled()
      return refused('processes remain')
    }
    if (this.phase === 'down') this.#vanish()
    this.crash()
    return done()
  }

  #stopped(clean: boolean): void {
    if (clean) this.#setState('shut down')
    this.#ground.directory.say(this.postmasterPid, 'LOG:  database system is shut down')
    this.#vanish()
    this.#ground.directory.removePidFile()
    this.#ground.service.change({ state: 'inactive', result: 'success', mainPid: 0, job: '' })
  }

  #hear(process: ProcessStatus, signal: ProcessSignal): void {
    const { processes } = this.#ground
    if (this.conditions.unkillable) return signal === 'SIGKILL' ? this.#hangKilled() : undefined
    if (signal === 'SIGCONT' && process.state === 'T') processes.put({ ...process, state: 'S' })
    if (signal !== 'SIGKILL') return
    if (process.pid === this.postmasterPid && this.phase !== 'down') return this.crash()
    processes.end(process.pid)
    if (processes.postgresIn(DATA).length === 0) processes.sharedMemory.delete(SHARED_MEMORY.id)
  }

  #hangKilled(): void {
    const { processes } = this.#ground
    for (const process of processes.postgresIn(DATA)) processes.put({ ...process, state: 'D', waitChannel: 'nfs4_wait', killPending: true })
  }

  #vanish(): void {
    this.#life += 1
    this.phase = 'down'
    for (const process of this.#ground.processes.postgresIn(DATA)) this.#ground.processes.end(process.pid)
    this.#ground.processes.sharedMemory.delete(SHARED_MEMORY.id)
    this.onEnd()
  }

  #putChild(offset: number, title: string, moved: Partial<ProcessStatus> = {}): void {
    const family = { pid: this.postmasterPid + offset, parentPid: this.postmasterPid }
    this.#ground.processes.putPostgres(DATA, { ...family, commandLine: `postgres: 15/main: ${title}`, ...moved })
  }

  #setState(state: ControlState): void {
    this.#state = state
    this.#ground.directory.setState(state)
  }

  #later(durationMs: number, then: () => void): void {
    const life = this.#life
    this.#ground.clock.after(durationMs, () => (life === this.#life ? then() : undefined))
  }
}
