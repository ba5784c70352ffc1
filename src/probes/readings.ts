import type { Evidence, ProbeName, Reading, Reason, Verdict } from '../core/reading.ts'
import type { PostgresFailure } from '../ports/postgres.ts'

/** What is known of a failed look, without its name. */
interface Bad {
  readonly reason: Reason
  readonly detail: string
  readonly evidence?: Evidence
  readonly tookMs?: number
}

export function pass(probe: ProbeName, detail: string, tookMs: number, evidence: Evidence = {}): Reading {
  return { probe, verdict: 'pass', detail, evidence, tookMs }
}

function bad(verdict: Verdict, probe: ProbeName, { reason, detail, evidence = {}, tookMs = 0 }: Bad): Reading {
  return { probe, verdict, reason, detail, evidence, tookMs }
}

export function warn(probe: ProbeName, facts: Bad): Reading {
  return bad('warn', probe, facts)
}

export function fail(probe: ProbeName, facts: Bad): Reading {
  return bad('fail', probe, facts)
}

export function unknown(probe: ProbeName, facts: Bad): Reading {
  return bad('unknown', probe, facts)
}

/** The probe cannot look, because something that it stands on is missing. */
export function noGround(probe: ProbeName, detail: string): Reading {
  return unknown(probe, { reason: 'no-ground', detail })
}

const REASON_BY_KIND: Readonly<Record<PostgresFailure['kind'], Reason>> = {
  'no-socket': 'not-listening',
  refused: 'not-listening',
  timeout: 'timeout',
  rejected: 'rejected',
  lost: 'connection-lost',
  unreachable: 'unreachable',
}

/** `sqlState` and `sqlMessage` are set whenever the server said so. */
export function evidenceOf(failure: PostgresFailure): Evidence {
  return {
    kind: failure.kind,
    stage: failure.stage,
    ...(failure.sqlState === undefined ? {} : { sqlState: failure.sqlState, sqlMessage: failure.message }),
    ...(failure.detail === undefined ? {} : { sqlDetail: failure.detail }),
    ...(failure.hint === undefined ? {} : { hint: failure.hint }),
  }
}

/** "cannot log in as the application user: 28P01 password authentication failed for user "app"" */
export function failBy(probe: ProbeName, attempt: string, failure: PostgresFailure, tookMs: number): Reading {
  const sqlState = failure.sqlState === undefined ? '' : `${failure.sqlState} `
  const detail = `cannot ${attempt}: ${sqlState}${failure.message}`
  return fail(probe, { reason: REASON_BY_KIND[failure.kind], detail, evidence: evidenceOf(failure), tookMs })
}

/** Whole milliseconds for people. */
export function inMs(durationMs: number): string {
  return `${Math.round(durationMs)} ms`
}
