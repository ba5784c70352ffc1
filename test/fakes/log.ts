import type { Log, LogEntry } from '../../src/ports/log.ts'

export interface FakeLog extends Log {
  readonly entries: LogEntry[]
  /** Names of the events so far, in order. */
  events(): string[]
  /** Entries of one event. */
  of(event: string): LogEntry[]
}

/** Keeps what was written. */
export function createFakeLog(): FakeLog {
  const entries: LogEntry[] = []
  return {
    entries,
    write: (entry) => void entries.push(entry),
    flush: async () => {},
    events: () => entries.map((entry) => entry.event),
    of: (event) => entries.filter((entry) => entry.event === event),
  }
}
