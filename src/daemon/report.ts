import { budgetOf } from '../core/budget.ts'
import { summarizeBackups } from '../core/backup/summarize-backups.ts'
import { after, elapsedMs, type Instant } from '../core/instant.ts'
import { cooldownMs } from '../core/limits.ts'
import { listBackups } from '../jobs/backup/store.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { groundFor } from './backup-desk.ts'
import type { ClusterReport } from './control-protocol.ts'
import { instantOf } from './instant-of.ts'
import type { Watch } from './watch.ts'

/** What `status` tells of one cluster. */
export async function reportOf(watch: Watch): Promise<ClusterReport> {
  const { cluster, state, settings } = watch
  return {
    name: cluster.name,
    dataDirectory: cluster.dataDirectory,
    port: cluster.port,
    mode: state.mode,
    cause: state.cause,
    sentence: watch.sentence,
    failuresInRow: state.failuresInRow,
    attemptsInWindow: attemptsInWindow(watch),
    attemptsAllowed: settings.limits.attempts,
    pausedUntilWallMs: pausedUntil(watch),
    cooldownUntilWallMs: cooldownUntil(watch),
    incidentId: state.incidentId,
    lastTickWallMs: watch.lastTickWallMs ?? null,
    healthySinceWallMs: state.mode === 'healthy' ? (watch.healthySinceWallMs ?? null) : null,
    readings: watch.readings ?? null,
    assessment: watch.assessment ?? null,
    step: watch.step,
    backups: await backupsOf(watch),
  }
}

async function backupsOf(watch: Watch): Promise<ClusterReport['backups']> {
  if (watch.settings.backup.kind === 'none') return null
  try {
    return summarizeBackups((await listBackups(groundFor(watch, () => undefined))).backups)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { newestWallMs: null, restorable: null, trouble: error.message }
  }
}

function pausedUntil({ state: { pause } }: Watch): number | null {
  return pause === null || pause.forMs === null ? null : after(pause.since, pause.forMs).wallMs
}

function attemptsInWindow({ state, settings, outside }: Watch): number {
  const now = instantOf(outside.clock)
  return budgetOf(state, state.plan).attempts.filter((begun) => elapsedMs(begun, now) < settings.limits.windowMs).length
}

function cooldownUntil({ state, settings, outside }: Watch): number | null {
  const { fruitlessInRow, lastFruitlessAt } = budgetOf(state, state.plan)
  if (lastFruitlessAt === null || state.mode !== 'waiting') return null
  const now: Instant = instantOf(outside.clock)
  const left = cooldownMs(settings.limits, fruitlessInRow) - elapsedMs(lastFruitlessAt, now)
  return left > 0 ? now.wallMs + left : null
}
