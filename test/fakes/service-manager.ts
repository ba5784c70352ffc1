import type { ServiceManager, ServiceOutcome, ServiceStatus, StopMode } from '../../src/ports/service-manager.ts'

/** A request that was made of the fake, in order: `start`, `stop fast`, `kill-all`, `clear-failure`, `hold`, `release`, `close`. */
export type ServiceRequest = 'start' | `stop ${StopMode}` | 'kill-all' | 'clear-failure' | 'hold' | 'release' | 'close'

type Outcome = ServiceOutcome | Promise<ServiceOutcome>

/** A service manager that a test scripts: replace any `on…` field, change the status, read the requests back. */
export interface FakeServiceManager extends ServiceManager {
  kind: 'systemd' | 'pg_ctl'
  readonly requests: ServiceRequest[]
  /** Whether the service is held back from starting. */
  readonly held: boolean
  /** How many listeners `watch` has now. */
  readonly watchers: number
  /** What `status` answers from now on; listeners of `watch` are called. */
  change(status: Partial<ServiceStatus>): void
  /** Each returns what the request answers; the default changes the status and succeeds (a held start fails). */
  onStart: (signal: AbortSignal | undefined) => Outcome
  onStop: (mode: StopMode, signal: AbortSignal | undefined) => Outcome
  onKillAll: (signal: AbortSignal | undefined) => Outcome
  onClearFailure: (signal: AbortSignal | undefined) => Outcome
}

/** A healthy unit, as systemd shows it. */
export const ACTIVE_SERVICE: ServiceStatus = {
  state: 'active',
  result: 'success',
  mainPid: 4711,
  job: '',
  restartsByItself: false,
  object: 'postgresql@15-main.service',
}

export const done = (detail = 'done'): ServiceOutcome => ({ ok: true, detail, timedOut: false })
export const refused = (detail: string): ServiceOutcome => ({ ok: false, detail, timedOut: false })
export const timedOut = (detail = 'still under way'): ServiceOutcome => ({ ok: false, detail, timedOut: true })

/** A fake whose service is active until it is told otherwise. With `isHeldElsewhere` its own hold counts for nothing. */
export function createFakeServiceManager(initial: Partial<ServiceStatus> = {}, isHeldElsewhere?: () => boolean): FakeServiceManager {
  let status: ServiceStatus = { ...ACTIVE_SERVICE, ...initial }
  let held = false
  const listeners = new Set<() => void>()
  const requests: ServiceRequest[] = []

  const fake: FakeServiceManager = {
    kind: 'systemd',
    requests,
    get held() {
      return isHeldElsewhere?.() ?? held
    },
    get watchers() {
      return listeners.size
    },
    change(next) {
      status = { ...status, ...next }
      for (const listener of [...listeners]) listener()
    },
    onStart: () => {
      if (fake.held) return refused('Assertion failed: the service is held')
      fake.change({ state: 'active', result: 'success', mainPid: status.mainPid === 0 ? 4712 : status.mainPid })
      return done()
    },
    onStop: () => {
      fake.change({ state: 'inactive', result: 'success', mainPid: 0 })
      return done()
    },
    onKillAll: () => {
      fake.change({ state: 'failed', result: 'signal', mainPid: 0 })
      return done()
    },
    onClearFailure: () => {
      if (status.state === 'failed') fake.change({ state: 'inactive', result: 'success' })
      return done()
    },

    status: async () => status,
    async start(_timeoutMs, signal) {
      requests.push('start')
      return fake.onStart(signal)
    },
    async stop(mode, _timeoutMs, signal) {
      requests.push(`stop ${mode}`)
      return fake.onStop(mode, signal)
    },
    async killAll(_timeoutMs, signal) {
      requests.push('kill-all')
      return fake.onKillAll(signal)
    },
    async clearFailure(_timeoutMs, signal) {
      requests.push('clear-failure')
      return fake.onClearFailure(signal)
    },
    async hold() {
      requests.push('hold')
      held = true
    },
    async release() {
      requests.push('release')
      held = false
    },
    watch(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async close() {
      requests.push('close')
      listeners.clear()
    },
  }
  return fake
}
