import { createWithDeadline } from '../../src/adapters/clock/deadline.ts'
import type { Clock } from '../../src/ports/clock.ts'
import type { DiskCall, Pass } from './disk/system-calls.ts'

/** One call of a daemon to its outside. */
export interface PortCall {
  /** The port and its operation: `files overwrite`, `service start`, `session query`; `disk fsync` for a system call on a file. */
  readonly operation: string
  /** What it concerns: a path, a role, a statement, a command line; empty when there is nothing to name. */
  readonly object: string
}

/**
 * What becomes of a call: it passes, it fails with an error of the outside, or the daemon dies: before the call has had
 * its effect, in the middle (a write that wrote a part), or right after.
 */
export type Fate = 'pass' | 'die-before' | 'die-within' | 'die-after' | Error

/** Decides about each call, in order; the first fate other than `pass` counts. */
export type Hook = (call: PortCall) => Fate

/** Hears of a call that came back well, with what was given to it. */
export type Listener = (call: PortCall, given: readonly unknown[]) => void

/** The one place through which every call of a daemon goes. */
export interface Gate {
  /** Every call that may be hooked is shown to `hook` until the result is called. */
  hook(hook: Hook): () => void
  fateOf(call: PortCall): Fate
  /** Every call that came back well, while the daemon lived to see it. */
  listen(listener: Listener): () => void
  tell(call: PortCall, given: readonly unknown[]): void
}

export function createGate(): Gate {
  const hooks = new Set<Hook>()
  const listeners = new Set<Listener>()
  return {
    hook(hook) {
      hooks.add(hook)
      return () => void hooks.delete(hook)
    },
    fateOf(call) {
      let first: Fate = 'pass'
      for (const hook of hooks) {
        const fate = hook(call)
        if (first === 'pass') first = fate
      }
      return first
    },
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell: (call, given) => listeners.forEach((listener) => listener(call, given)),
  }
}

/** One life of the daemon. Once it is over, no call of that daemon has an effect and none returns. */
export interface Life {
  isOver(): boolean
  end(): void
  /** The same port, through the gate: asynchronous operations are hooked, the others pass while the daemon lives. */
  guard<Port extends object>(name: string, port: Port): Port
  /** The way of its system calls to the disk. */
  readonly pass: Pass
  readonly clock: Clock
}

export function createLife(gate: Gate, hostClock: Clock, onEnd: () => void = () => undefined): Life {
  let over = false
  const life: Life = {
    isOver: () => over,
    end() {
      if (over) return
      over = true
      onEnd()
    },
    guard: (name, port) => guardPort(life, gate, name, port),
    pass: (call) => passDisk(life, gate, call),
    clock: guardClock(hostClock, () => over),
  }
  return life
}

/** Nothing that a dead daemon waits for ever comes. */
function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

/** Operations that are answered at once, with what a dead daemon's call amounts to. */
const IMMEDIATE: Readonly<Record<string, unknown>> = {
  'processes inspect': undefined,
  'processes glance': undefined,
  'processes postgresIn': [],
  'processes find': [],
  'processes kernelStack': [],
  'processes using': [],
  'processes sharedMemoryAttachments': 0,
  'processes hasSharedMemory': false,
  'processes signal': false,
  'files watch': () => undefined,
  'service watch': () => undefined,
  'postgres has': false,
  'session onEnd': undefined,
  'session onNotice': undefined,
  'log write': undefined,
  'notifier ready': undefined,
  'notifier status': undefined,
  'notifier reloading': undefined,
  'notifier stopping': undefined,
  'notifier extendTimeout': undefined,
  'notifier alive': undefined,
}

function guardPort<Port extends object>(life: Life, gate: Gate, name: string, port: Port): Port {
  const guarded = new Map<string | symbol, unknown>()
  return new Proxy(port, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property)
      if (typeof member !== 'function') return member
      const known = guarded.get(property)
      if (known !== undefined) return known
      const call = (given: unknown[]): unknown => Reflect.apply(Reflect.get(target, property) as () => unknown, target, given)
      const guard = guardOperation(life, gate, `${name} ${String(property)}`, call)
      guarded.set(property, guard)
      return guard
    },
  })
}

type Call = (given: unknown[]) => unknown

function guardOperation(life: Life, gate: Gate, operation: string, call: Call): (...given: unknown[]) => unknown {
  if (operation in IMMEDIATE) return (...given) => passAtOnce(life, gate, operation, given, call)
  return (...given) => passGate(life, gate, { operation, object: describe(given[0]) }, given, call)
}

/** A signal is an act, so it is hooked; what only looks is not. */
function passAtOnce(life: Life, gate: Gate, operation: string, given: unknown[], call: Call): unknown {
  const fate =
    operation === 'processes signal' && !life.isOver() ? gate.fateOf({ operation, object: given.map(describe).join(' ') }) : 'pass'
  if (fate === 'die-before' || fate === 'die-within') life.end()
  if (life.isOver() || fate instanceof Error) return IMMEDIATE[operation]
  const answer = call(muted(life, given))
  if (fate === 'die-after') life.end()
  return answer
}

/** Listeners of a dead daemon hear nothing. */
function muted(life: Life, given: unknown[]): unknown[] {
  const mute =
    (listener: (...heard: unknown[]) => unknown) =>
    (...heard: unknown[]) =>
      life.isOver() ? undefined : listener(...heard)
  return given.map((each) => (typeof each === 'function' ? mute(each as (...heard: unknown[]) => unknown) : each))
}

async function passGate(life: Life, gate: Gate, call: PortCall, given: unknown[], act: (given: unknown[]) => unknown): Promise<unknown> {
  if (life.isOver()) return never()
  const fate = gate.fateOf(call)
  if (fate instanceof Error) throw fate
  if (fate === 'die-before' || fate === 'die-within') life.end()
  if (life.isOver()) return never()
  const acted = act(given)
  if (fate === 'die-after') life.end()
  const result = await settle(acted)
  if (life.isOver()) return never()
  if ('error' in result) throw result.error
  gate.tell(call, given)
  return withSession(life, gate, result.value)
}

const DISK_NAMES = 'open create read write stat lstat statfs realpath opendir fsync fdatasync rename link unlink mkdir rmdir chmod'
const DISK_OPERATIONS: Readonly<Record<string, string>> = Object.fromEntries(DISK_NAMES.split(' ').map((name) => [name, `disk ${name}`]))

async function passDisk<T>(life: Life, gate: Gate, call: DiskCall<T>): Promise<T> {
  if (life.isOver()) return never()
  const fate = gate.fateOf({ operation: DISK_OPERATIONS[call.operation] ?? `disk ${call.operation}`, object: call.path })
  if (fate instanceof Error) {
    call.failed?.()
    throw fate
  }
  if (fate === 'die-within') call.half?.()
  if (fate === 'die-before' || fate === 'die-within') life.end()
  if (life.isOver()) return never()
  const result = call.act()
  if (fate === 'die-after') life.end()
  return life.isOver() ? never() : result
}

async function settle(acted: unknown): Promise<{ readonly value: unknown } | { readonly error: unknown }> {
  try {
    return { value: await acted }
  } catch (error) {
    return { error }
  }
}

/** A session is a port of its own, found in the answer of the one that opened it. */
function withSession(life: Life, gate: Gate, answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null || !('value' in answer)) return answer
  const session: unknown = answer.value
  const isSession = typeof session === 'object' && session !== null && 'backendPid' in session
  return isSession ? { ...answer, value: guardPort(life, gate, 'session', session) } : answer
}

/** What the first argument of a call names. */
function describe(given: unknown): string {
  if (typeof given === 'string' || typeof given === 'number') return String(given)
  if (typeof given !== 'object' || given === null) return ''
  const named = given as Readonly<Record<string, unknown>>
  if (Array.isArray(named['arguments'])) return [named['file'], ...(named['arguments'] as unknown[])].join(' ')
  const name = ['text', 'file', 'role', 'subject', 'pid']
    .map((key) => named[key])
    .find((value) => typeof value === 'string' || typeof value === 'number')
  return String(name ?? '')
}

function guardClock(clock: Clock, isOver: () => boolean): Clock {
  const after: Clock['after'] = (durationMs, listener) => clock.after(durationMs, () => (isOver() ? undefined : listener()))
  return {
    get bootId() {
      return clock.bootId
    },
    monotonicMs: () => clock.monotonicMs(),
    wallMs: () => clock.wallMs(),
    after,
    async sleep(durationMs, signal) {
      await clock.sleep(durationMs, signal)
      if (isOver()) await never()
    },
    withDeadline: createWithDeadline(after),
  }
}
