import type { ServerSession } from '../../core/sessions/session.ts'
import type { Row } from '../../ports/postgres.ts'

/** A time that every session reads alike, whatever its DateStyle and TimeZone; for to_char, in UTC. */
export const TIME_FORMAT = `YYYY-MM-DD"T"HH24:MI:SS.US"Z"`

/** A row with the columns of a session. */
export function toServerSession(row: Row): ServerSession {
  return {
    pid: Number(row['pid']),
    backendStart: textOf(row['backend_start']),
    stateChange: textOf(row['state_change']),
    user: textOf(row['usename']),
    database: textOf(row['datname']),
    address: textOf(row['address']),
    application: textOf(row['application_name']),
    state: textOf(row['state']),
    stateForMs: Math.max(0, Number(row['state_for_ms'] ?? 0)),
    isSuperuser: row['is_superuser'] === true,
  }
}

/** A text column; empty for null. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
