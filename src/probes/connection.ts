import type { Evidence, Reading } from '../core/reading.ts'
import type { Row, Session } from '../ports/postgres.ts'
import type { Look, Probe, ProbeMemory } from './probe.ts'
import { fail, failBy, inMs, pass, unknown } from './readings.ts'

/** First version that counts checksum failures in `pg_stat_database`. */
const CHECKSUM_FAILURES_VERSION = 12

/** First version with `idle_session_timeout`, which would end the held session. */
const IDLE_SESSION_TIMEOUT_VERSION = 14

/**
 * For how long the longest of all statements that wait for a lock now has run: the wait itself is no longer than that. No catalog is
 * read and no lock is looked at.
 */
const LOCK_WAIT = `
  (select extract(epoch from pg_catalog.max(pg_catalog.clock_timestamp() - state_change)) * 1000
     from pg_catalog.pg_stat_get_activity(null) where wait_event_type = 'Lock' and backend_type = 'client backend')::float8`

/** All that is asked in one query; version 0 is unknown and taken for a current one. */
function queryFor(majorVersion: number): string {
  const counts = majorVersion === 0 || majorVersion >= CHECKSUM_FAILURES_VERSION
  const failures = counts ? '(select pg_catalog.sum(checksum_failures) from pg_catalog.pg_stat_database)' : 'null'
  const flushed = 'case when not pg_catalog.pg_is_in_recovery() then pg_catalog.pg_current_wal_flush_lsn()::text end'
  const states = `pg_catalog.pg_is_in_recovery() as in_recovery, ${flushed} as flushed_lsn`
  return `select ${states}, ${failures}::float8 as checksum_failures, ${LOCK_WAIT} as lock_wait_ms`
}

/** New checksum failures since the last look; the counters can also go back (after a crash or a reset). */
function countNewFailures(memory: ProbeMemory, total: number | null): number {
  if (total === null) return 0
  const before = memory.checksumFailures
  memory.checksumFailures = total
  return before === undefined ? 0 : Math.max(0, total - before)
}

function judge(look: Look, row: Row | undefined, heldSessionLost: boolean, tookMs: number): Reading {
  const inRecovery = row?.['in_recovery']
  const total = row?.['checksum_failures']
  if (typeof inRecovery !== 'boolean' || (typeof total !== 'number' && total !== null)) {
    return fail('connection', { reason: 'wrong-answer', detail: 'the server answered something else than was asked', tookMs })
  }
  const flushedLsn = row?.['flushed_lsn']
  look.memory.flushedLsn = typeof flushedLsn === 'string' ? flushedLsn : undefined
  const checksumFailuresNew = countNewFailures(look.memory, total)
  const lockWaitMs = typeof row?.['lock_wait_ms'] === 'number' ? Math.round(row['lock_wait_ms']) : 0
  const evidence: Evidence = { ms: tookMs, inRecovery, checksumFailures: total, checksumFailuresNew, heldSessionLost, lockWaitMs }
  return pass(
    'connection',
    `a new session was served in ${inMs(tookMs)}${inRecovery ? '; the server is in recovery' : ''}`,
    tookMs,
    evidence,
  )
}

/** Keeps a proven session for its end to be noticed at once. */
function hold(memory: ProbeMemory, session: Session): void {
  memory.heldSession = session
  session.onEnd(() => {
    if (memory.heldSession !== session) return
    memory.heldSession = undefined
    memory.heldSessionLost = true
    memory.onHeldSessionEnd()
  })
}

/** The first session that works is held, every later one is closed again. */
async function keepOrClose(memory: ProbeMemory, session: Session, signal: AbortSignal): Promise<void> {
  if (memory.heldSession === undefined && !signal.aborted) hold(memory, session)
  else await session.close()
}

function takeHeldSessionLost(memory: ProbeMemory): boolean {
  const lost = memory.heldSessionLost
  memory.heldSessionLost = false
  return lost
}

export const connection: Probe = {
  name: 'connection',
  question: 'Does the server accept a new session as the superuser over its socket?',
  async look(look, signal) {
    if (look.before.service?.reason === 'suspended')
      return unknown('connection', { reason: 'no-ground', detail: 'the postmaster is suspended: a new session could only wait' })
    const timeoutMs = look.settings.timeoutMs.connection
    const settings: Record<string, string> = look.cluster.majorVersion >= IDLE_SESSION_TIMEOUT_VERSION ? { idle_session_timeout: '0' } : {}
    const heldSessionLost = takeHeldSessionLost(look.memory)
    const opened = await look.outside.postgres.open({ role: 'superuser', timeoutMs, purpose: 'watch', settings }, signal)
    if (!opened.ok) return failBy('connection', 'open a session as the superuser', opened.failure, opened.tookMs)
    const answer = await opened.value.query({ text: queryFor(look.cluster.majorVersion), timeoutMs }, signal)
    const tookMs = opened.tookMs + answer.tookMs
    if (!answer.ok) {
      await opened.value.close()
      return failBy('connection', 'query the server as the superuser', answer.failure, tookMs)
    }
    await keepOrClose(look.memory, opened.value, signal)
    return judge(look, answer.value[0], heldSessionLost, tookMs)
  },
}
