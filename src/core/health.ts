import type { Assessment } from './cause.ts'
import type { BackupSummaryLine } from './backup/summarize-backups.ts'
import { maskSecrets } from './mask-secrets.ts'
import type { Readings } from './reading.ts'

export type HealthWord = 'ok' | 'warning' | 'critical' | 'unknown'

/** One line of the report: what was looked at, how it stands, and one plain clause. */
export interface HealthItem {
  readonly item: 'server' | 'data directory' | 'disks' | 'queries' | 'backups'
  readonly word: HealthWord
  readonly detail: string
}

export interface HealthReport {
  readonly cluster: string
  readonly items: readonly HealthItem[]
}

/** A statement that has run for long. */
export interface LongQuery {
  readonly pid: number
  readonly user: string
  readonly database: string
  readonly runningMs: number
  readonly text: string
}

export interface HealthFacts {
  readonly cluster: string
  readonly readings: Readings
  readonly assessment: Assessment
  /** Why the data directory is none that a server could start on; empty when nothing speaks against it. */
  readonly dataDirectoryFault: string
  readonly dataDirectory: string
  /** `undefined`: the server could not be asked. */
  readonly longQueries: readonly LongQuery[] | undefined
  /** `undefined`: they may not be read by this user; `null`: none are configured. */
  readonly backups: BackupSummaryLine | null | undefined
  readonly nowWallMs: number
  readonly limits: { readonly longQueryMs: number; readonly backupAgeMs: number }
}

const SHOWN_QUERIES = 3
const SHOWN_TEXT = 60

/** Everything in one report; pure. */
export function reportHealth(facts: HealthFacts): HealthReport {
  return { cluster: facts.cluster, items: [server(facts), dataDirectory(facts), disks(facts), queries(facts), backups(facts)] }
}

/** The worst of several: critical, unknown, warning, ok. */
export function worstHealth(items: readonly Pick<HealthItem, 'word'>[]): HealthWord {
  return (['critical', 'unknown', 'warning'] as const).find((word) => items.some((item) => item.word === word)) ?? 'ok'
}

function server({ assessment: { cause, response, verdict } }: HealthFacts): HealthItem {
  if (response === 'none') return { item: 'server', word: 'ok', detail: verdict }
  return { item: 'server', word: 'critical', detail: cause === undefined ? verdict : `${cause}: ${verdict}` }
}

function dataDirectory({ dataDirectory: path, dataDirectoryFault }: HealthFacts): HealthItem {
  if (dataDirectoryFault === '') return { item: 'data directory', word: 'ok', detail: path }
  return { item: 'data directory', word: 'critical', detail: `${path}: ${dataDirectoryFault}` }
}

function disks({ readings: { disk } }: HealthFacts): HealthItem {
  const words = { pass: 'ok', warn: 'warning', fail: 'critical', unknown: 'unknown' } as const
  return { item: 'disks', word: words[disk.verdict], detail: disk.detail }
}

function queries({ longQueries, limits }: HealthFacts): HealthItem {
  const limit = `${Math.round(limits.longQueryMs / 60_000)} min`
  if (longQueries === undefined) return { item: 'queries', word: 'unknown', detail: 'the server could not be asked' }
  if (longQueries.length === 0) return { item: 'queries', word: 'ok', detail: `none runs for more than ${limit}` }
  const shown = longQueries.slice(0, SHOWN_QUERIES).map(describeQuery).join('; ')
  return { item: 'queries', word: 'warning', detail: `${longQueries.length} run for more than ${limit}: ${shown}` }
}

function describeQuery({ pid, user, database, runningMs, text }: LongQuery): string {
  const minutes = Math.floor(runningMs / 60_000)
  const statement = maskSecrets(text.replaceAll(/\s+/g, ' ').trim()).slice(0, SHOWN_TEXT)
  return `pid ${pid} (${user}@${database}) for ${minutes} min: ${statement}`
}

function backups({ backups: summary, nowWallMs, limits }: HealthFacts): HealthItem {
  const line = (word: HealthWord, detail: string): HealthItem => ({ item: 'backups', word, detail })
  if (summary === undefined) return line('unknown', 'they may not be read by this user')
  if (summary === null) return line('warning', 'none are configured: set backup.kind')
  const { newestWallMs, restorable, trouble } = summary
  if (newestWallMs === null) return line('critical', 'there is none')
  const hours = Math.round((nowWallMs - newestWallMs) / 3_600_000)
  const age = `the newest is ${hours} h old`
  if (trouble !== '') return line('critical', `${age}, and one cannot be trusted: ${trouble}`)
  if (nowWallMs - newestWallMs > limits.backupAgeMs) return line('warning', `${age}, more than backup.maximum_age allows`)
  return restorable === null
    ? line('warning', `${age}; none was restored for proof yet`)
    : line('ok', `${age}, and one was restored for proof`)
}
