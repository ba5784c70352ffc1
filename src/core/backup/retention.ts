import type { BackupStanding, Manifest } from './manifest.ts'

/** What retention looks at. */
export interface RetainedBackup {
  readonly manifest: Pick<Manifest, 'id' | 'startedWallMs' | 'base'>
  readonly standing: BackupStanding
}

export interface RetentionLimits {
  /** Younger ones stay. */
  readonly keepMs: number
  /** The newest ones stay, this many. */
  readonly keepCount: number
}

export interface Verdict {
  readonly id: string
  readonly keep: boolean
  /** One clause. */
  readonly because: string
}

export interface Retention {
  /** Why nothing may be removed at all; empty when something may. */
  readonly objection: string
  /** By time, the newest first. */
  readonly verdicts: readonly Verdict[]
}

/**
 * Which backups may go: what is older than `keepMs` and beyond the newest `keepCount`, never the newest that is proved, never
 * one that a kept one builds on, and nothing at all unless the newest is proved to be good. Order is by time, never by name.
 */
export function planRetention(backups: readonly RetainedBackup[], limits: RetentionLimits, nowWallMs: number): Retention {
  const newestFirst = backups.toSorted((one, other) => other.manifest.startedWallMs - one.manifest.startedWallMs)
  const newest = newestFirst[0]
  const objection =
    newest === undefined || isProved(newest) ? '' : `the newest backup, ${newest.manifest.id}, is ${describeStanding(newest.standing)}`
  const lastProved = newestFirst.find(isProved)?.manifest.id
  const reasons = newestFirst.map((backup, position) => reasonToKeep(backup, position, { limits, nowWallMs, lastProved, objection }))
  const needed = neededBases(newestFirst, reasons)
  return {
    objection,
    verdicts: newestFirst.map(({ manifest: { id, startedWallMs } }, position) => {
      const reason = reasons[position] ?? (needed.has(id) ? 'a backup that is kept builds on it' : undefined)
      const age = Math.floor((nowWallMs - startedWallMs) / 86_400_000)
      return { id, keep: reason !== undefined, because: reason ?? `it is ${age} days old and beyond the newest ${limits.keepCount}` }
    }),
  }
}

interface Circumstances {
  readonly limits: RetentionLimits
  readonly nowWallMs: number
  readonly lastProved: string | undefined
  readonly objection: string
}

function reasonToKeep(
  { manifest: { id, startedWallMs } }: RetainedBackup,
  position: number,
  { limits, nowWallMs, lastProved, objection }: Circumstances,
): string | undefined {
  if (position < limits.keepCount) return `it is among the newest ${limits.keepCount}`
  if (nowWallMs - startedWallMs < limits.keepMs) return 'it is young enough'
  if (id === lastProved) return 'it is the newest that is proved'
  return objection === '' ? undefined : objection
}

/** The whole chain below every kept one. */
function neededBases(backups: readonly RetainedBackup[], reasons: readonly (string | undefined)[]): ReadonlySet<string> {
  const baseOf = new Map(backups.map(({ manifest }) => [manifest.id, manifest.base]))
  const needed = new Set<string>()
  for (const [position, { manifest }] of backups.entries()) {
    if (reasons[position] === undefined) continue
    for (let base = manifest.base; base !== null && !needed.has(base); base = baseOf.get(base) ?? null) needed.add(base)
  }
  return needed
}

/** Read whole or restored, and nothing was found since. */
export function isProved({ standing: { verified, drilled } }: Pick<RetainedBackup, 'standing'>): boolean {
  if (verified?.ok === false || drilled?.ok === false) return false
  return verified !== undefined || drilled !== undefined
}

function describeStanding({ verified, drilled }: BackupStanding): string {
  if (verified?.ok === false) return `broken: ${verified.detail}`
  return drilled?.ok === false ? `not restorable: ${drilled.detail}` : 'not verified yet'
}
