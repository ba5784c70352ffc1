import type { Assessment } from './cause.ts'
import type { Diagnosis, Found, View } from './diagnoses/diagnosis.ts'
import { DIAGNOSES } from './diagnoses/index.ts'
import { unclear } from './diagnoses/unclear.ts'
import type { Facts } from './facts.ts'
import type { Reading, Readings } from './reading.ts'

/** What there may be to look into though every probe passes. */
export interface Suspicions {
  /** The server's log named damage. */
  readonly damage: boolean
  /** Sessions have waited for a lock for long. */
  readonly locks: boolean
}

export const NO_SUSPICIONS: Suspicions = { damage: false, locks: false }

/** Whether facts have to be looked up before these readings can be assessed: a probe failed, or something else is suspected. */
export function needsFacts(readings: Readings, { damage, locks }: Suspicions): boolean {
  return failures(readings).length > 0 || damage || locks
}

/** One meaning of all readings. `facts` is `undefined` only when `needsFacts` is false. */
export function assess(readings: Readings, facts: Facts | undefined): Assessment {
  const warnings = warningsOf(readings)
  if (facts === undefined) return healthy(readings, warnings)
  const view: View = { readings, facts, failed: failures(readings) }
  const { found, ruledOut } = diagnose(view)
  if (found === undefined && view.failed.length === 0) return healthy(readings, warnings)
  return assessmentOf(found ?? unclear(view), ruledOut, warnings)
}

/** A disk that fills up is a warning: it becomes a cause when the server has no room to go on working. */
function failures(readings: Readings): readonly Reading[] {
  return Object.values(readings).filter((reading) => reading.verdict === 'fail' && !isFillingDisk(reading))
}

function isFillingDisk({ probe, reason }: Reading): boolean {
  return probe === 'disk' && reason !== 'no-room'
}

function diagnose(view: View): { found: Found | undefined; ruledOut: readonly string[] } {
  const ruledOut: string[] = []
  for (const diagnosis of applicable(view)) {
    const result = diagnosis.examine(view)
    if ('cause' in result) return { found: result, ruledOut }
    ruledOut.push(`${diagnosis.name}: ${result.ruledOut}`)
  }
  return { found: undefined, ruledOut }
}

/** What is looked for while every probe passes; the first two only where there is damage, to see whether it may be mended. */
const QUIET: readonly Diagnosis['name'][] = ['not-ours', 'read-only', 'damaged', 'frozen', 'blocked']

function applicable(view: View): readonly Diagnosis[] {
  if (view.failed.length > 0) return DIAGNOSES
  const { damages } = view.facts
  return DIAGNOSES.filter(({ name }) => QUIET.includes(name) && (damages.length > 0 || (name !== 'not-ours' && name !== 'read-only')))
}

function assessmentOf(found: Found, ruledOut: readonly string[], warnings: Assessment['warnings']): Assessment {
  return {
    cause: found.cause,
    response: found.response,
    plan: found.plan,
    strength: found.strength ?? 'suspected',
    verdict: found.verdict,
    evidence: found.evidence,
    ruledOut,
    warnings,
    ...(found.commands === undefined ? {} : { commands: found.commands }),
    ...(found.notDone === undefined ? {} : { notDone: found.notDone }),
    attemptsAtMost: found.attemptsAtMost,
    ...(found.serving === undefined ? {} : { serving: found.serving }),
  }
}

function healthy(readings: Readings, warnings: Assessment['warnings']): Assessment {
  return {
    cause: undefined,
    response: 'none',
    plan: undefined,
    strength: 'proven',
    verdict: healthySentence(readings),
    evidence: [],
    ruledOut: [],
    warnings,
    attemptsAtMost: undefined,
  }
}

function healthySentence(readings: Readings): string {
  const all = Object.values(readings)
  const passed = all.filter((reading) => reading.verdict === 'pass' || reading.verdict === 'warn').length
  const unknown = all.filter((reading) => reading.verdict === 'unknown').map((reading) => reading.probe)
  return `${passed} of ${all.length} probes pass${unknown.length === 0 ? '' : `, not looked at: ${unknown.join(', ')}`}`
}

/** What deserves a warning though the cluster serves: every `warn`, and a disk beyond its limit. */
function warningsOf(readings: Readings): Assessment['warnings'] {
  return Object.values(readings)
    .filter((reading) => reading.verdict === 'warn' || (reading.verdict === 'fail' && isFillingDisk(reading)))
    .map((reading) => ({ key: `${reading.probe}:${reading.reason ?? 'warn'}`, sentence: `${reading.probe}: ${reading.detail}` }))
}
