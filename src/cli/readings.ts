import type { Assessment } from '../core/cause.ts'
import type { Reading, Readings, Verdict } from '../core/reading.ts'
import { PROBE_NAMES } from '../core/reading.ts'
import type { Io } from './command.ts'
import { spellDuration } from './durations.ts'
import type { Paint, Style } from './style.ts'
import { renderTable } from './table.ts'

/** One cluster as the probes saw it. */
export interface Look {
  readonly name: string
  readonly readings: Readings
  readonly assessment: Assessment
}

/** Exit codes of `probe`, as monitoring plug-ins use them. */
export const PROBE_EXIT = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const

export type Overall = keyof typeof PROBE_EXIT

function lacksNoGround(reading: Reading): boolean {
  return reading.verdict === 'unknown' && reading.reason !== 'no-ground' && reading.reason !== 'not-set-up'
}

/** One word for a cluster. A probe without its ground (no application user, a standby's write) says nothing against it. */
export function overallOf({ readings, assessment }: Look): Overall {
  const all = Object.values(readings)
  if (assessment.response !== 'none' || all.some((reading) => reading.verdict === 'fail')) return 'critical'
  if (readings.connection.verdict === 'unknown' || all.some(lacksNoGround)) return 'unknown'
  if (assessment.warnings.length > 0 || all.some((reading) => reading.verdict === 'warn')) return 'warning'
  return 'ok'
}

/** The worst of several, in monitoring's order: critical, unknown, warning, ok. */
export function worstOf(words: readonly Overall[]): Overall {
  return (['critical', 'unknown', 'warning'] as const).find((word) => words.includes(word)) ?? (words.length === 0 ? 'unknown' : 'ok')
}

function paintOf(style: Style, verdict: Verdict): Paint {
  return { pass: style.good, warn: style.warning, fail: style.bad, unknown: style.dim }[verdict]
}

function sentencesOf(title: string, sentences: readonly string[]): string {
  return sentences.length === 0 ? '' : `  ${title}\n${sentences.map((sentence) => `    - ${sentence}\n`).join('')}`
}

/** The verdict of an assessment with its evidence, indented by two. */
export function renderAssessment(assessment: Assessment, style: Style): string {
  const { cause, verdict, evidence, ruledOut, warnings } = assessment
  const title = cause === undefined ? verdict : `${style.bad(cause)}: ${verdict}`
  return [
    `  ${title}\n`,
    sentencesOf('Evidence', evidence),
    sentencesOf('Ruled out', ruledOut),
    sentencesOf(
      'Warnings',
      warnings.map((warning) => warning.sentence),
    ),
  ].join('')
}

/** One row for each probe, in the order in which they look. */
export function renderReadings(io: Io, style: Style, readings: Readings): string {
  const rows = PROBE_NAMES.map((name) => {
    const { verdict, tookMs, detail } = readings[name]
    return [name, { text: verdict, paint: paintOf(style, verdict) }, spellDuration(tookMs), detail]
  })
  return renderTable(io.stdout, ['PROBE', 'VERDICT', 'TOOK', 'DETAIL'], rows, '  ')
}
