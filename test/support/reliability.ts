import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { release } from 'node:os'
import { BINARY_DIRECTORY } from './cluster.ts'

const DIRECTORY = '.tap/reliability'

/** What a figure was made with, so that a reader can make it again. */
export interface Circumstances {
  readonly date: string
  readonly commit: string
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
}

/** Seconds of many runs. */
export interface Spread {
  readonly p50: number
  readonly p95: number
  readonly max: number
}

/** Replaces what earlier runs have left of a suite: one JSON object a line, for `scripts/reliability.ts`. */
export function recordFigures(suite: string, command: string, figures: readonly object[]): void {
  const circumstances = describeCircumstances(command)
  mkdirSync(DIRECTORY, { recursive: true })
  writeFileSync(
    `${DIRECTORY}/${suite}.jsonl`,
    figures.map((figure) => `${JSON.stringify({ suite, ...figure, ...circumstances })}\n`).join(''),
  )
}

export function spreadOf(milliseconds: readonly number[]): Spread {
  const sorted = milliseconds.toSorted((left, right) => left - right)
  const at = (part: number): number => Math.round(sorted[Math.ceil(part * sorted.length) - 1] ?? 0) / 1000
  return { p50: at(0.5), p95: at(0.95), max: at(1) }
}

function describeCircumstances(command: string): Circumstances {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: firstLine('git', 'describe', '--always', '--dirty'),
    command,
    versions: {
      pgwatchd: (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version,
      node: process.version.slice(1),
      postgresql: numberIn(firstLine(`${BINARY_DIRECTORY}/postgres`, '--version')),
      strace: numberIn(firstLine('strace', '--version')),
      linux: release(),
    },
  }
}

function numberIn(text: string): string {
  return /\d+(\.\d+)+/.exec(text)?.[0] ?? ''
}

/** Empty where the program is missing or fails. */
function firstLine(file: string, ...words: readonly string[]): string {
  try {
    return execFileSync(file, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n')[0] ?? ''
  } catch {
    return ''
  }
}
