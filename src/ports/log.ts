/** syslog's severities, as journald knows them. */
export type LogLevel = 'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit'

export type LogField = string | number | boolean | null

export interface LogEntry {
  readonly level: LogLevel
  /** Stable name for machines, kebab-case: `recovery-started`. */
  readonly event: string
  /** One plain sentence for people. */
  readonly message: string
  readonly cluster?: string
  readonly incident?: string
  readonly fields?: Readonly<Record<string, LogField>>
}

export interface Log {
  write(entry: LogEntry): void
  /** Waits until what was written is out, for at most `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>
}
