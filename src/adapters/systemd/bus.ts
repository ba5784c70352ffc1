import type { Clock } from '../../ports/clock.ts'
import { openBusConnection, SYSTEM_BUS_SOCKET } from './connection.ts'
import type { BusConnection } from './connection.ts'
import { Reconnecting } from './reconnecting.ts'
import { loadUnit, matchChanges, readUnit, subscribe } from './unit-calls.ts'
import type { UnitProperties } from './unit-properties.ts'

/** systemd's units over one connection to the system bus, shared by all clusters of the daemon. */
export interface UnitBus {
  /** Properties no older than `maxAgeMs`, or as of the last change; `undefined` when the bus does not answer in time. */
  read(unit: string, options: { readonly maxAgeMs: number; readonly timeoutMs: number }): Promise<UnitProperties | undefined>
  /** Calls `listener` at each change of the unit, and when the bus goes or comes back; the result stops it. */
  watch(unit: string, listener: () => void): () => void
  close(): Promise<void>
}

/** How long one call may take: systemd answers within milliseconds, and within seconds while it reloads. */
const CALL_TIMEOUT_MS = 5_000

interface Unit {
  readonly name: string
  readonly listeners: Set<() => void>
  /** Object path, found anew on each connection together with the match rule. */
  finding: Promise<string> | undefined
  path: string | undefined
  /** Counts changes, so that a reading that was overtaken by one is not kept. */
  changes: number
  cached: { readonly properties: UnitProperties; readonly readAtMs: number } | undefined
}

/**
 * The shared bus. Nothing is connected before the first question; a lost connection is taken up again, and everything
 * is read afresh after it. `open` replaces the system bus, for tests.
 */
export function createUnitBus(options: { clock: Clock; open?: () => Promise<BusConnection> }): UnitBus {
  return new SharedUnitBus(options.clock, options.open ?? (() => openBusConnection(SYSTEM_BUS_SOCKET, options.clock)))
}

class SharedUnitBus implements UnitBus {
  readonly #clock: Clock
  readonly #open: () => Promise<BusConnection>
  readonly #units = new Map<string, Unit>()
  readonly #connection: Reconnecting

  constructor(clock: Clock, open: () => Promise<BusConnection>) {
    this.#clock = clock
    this.#open = open
    this.#connection = new Reconnecting({
      clock,
      open: () => this.#connect(),
      onLost: () => this.#forgetAll(),
      onRetry: () => this.#findWatched(),
    })
  }

  async read(name: string, options: { maxAgeMs: number; timeoutMs: number }): Promise<UnitProperties | undefined> {
    const unit = this.#unit(name)
    const { cached } = unit
    if (cached !== undefined && this.#clock.monotonicMs() - cached.readAtMs < options.maxAgeMs) return cached.properties
    const answer = await this.#clock.withDeadline(options.timeoutMs, undefined, () => this.#readNow(unit).catch(ignore))
    return answer.timedOut ? undefined : answer.value
  }

  watch(name: string, listener: () => void): () => void {
    const unit = this.#unit(name)
    unit.listeners.add(listener)
    this.#find(unit).catch(ignore)
    return () => void unit.listeners.delete(listener)
  }

  async close(): Promise<void> {
    for (const unit of this.#units.values()) unit.listeners.clear()
    await this.#connection.close()
  }

  #unit(name: string): Unit {
    const known = this.#units.get(name)
    if (known !== undefined) return known
    const unit: Unit = { name, listeners: new Set(), finding: undefined, path: undefined, changes: 0, cached: undefined }
    this.#units.set(name, unit)
    return unit
  }

  async #connect(): Promise<BusConnection> {
    const connection = await this.#open()
    connection.onSignal((signal) => this.#changed(signal.path))
    await subscribe(connection, CALL_TIMEOUT_MS).catch((error: unknown) => {
      connection.close()
      throw error
    })
    return connection
  }

  #find(unit: Unit): Promise<string> {
    unit.finding ??= this.#findNow(unit).catch((error: unknown) => {
      unit.finding = undefined
      throw error
    })
    return unit.finding
  }

  async #findNow(unit: Unit): Promise<string> {
    const connection = await this.#connection.current()
    const path = await loadUnit(connection, unit.name, CALL_TIMEOUT_MS)
    unit.path = path
    await matchChanges(connection, path, CALL_TIMEOUT_MS)
    return path
  }

  async #readNow(unit: Unit): Promise<UnitProperties> {
    const path = await this.#find(unit)
    const changesBefore = unit.changes
    const properties = await readUnit(await this.#connection.current(), path, CALL_TIMEOUT_MS)
    if (changesBefore === unit.changes) unit.cached = { properties, readAtMs: this.#clock.monotonicMs() }
    return properties
  }

  #changed(path: string): void {
    for (const unit of this.#units.values()) if (unit.path === path) invalidate(unit)
  }

  #forgetAll(): void {
    for (const unit of this.#units.values()) {
      unit.finding = undefined
      unit.path = undefined
      invalidate(unit)
    }
  }

  #findWatched(): void {
    for (const unit of this.#units.values()) {
      if (unit.listeners.size > 0) this.#find(unit).then(() => invalidate(unit), ignore)
    }
  }
}

function invalidate(unit: Unit): void {
  unit.changes += 1
  unit.cached = undefined
  for (const listener of [...unit.listeners]) listener()
}

/** The bus is a convenience: what it cannot tell is asked of `systemctl`, so its failures are not passed on. */
function ignore(): undefined {
  return undefined
}
