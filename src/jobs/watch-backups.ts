import { reasonToCatchUp } from '../core/backup/lateness.ts'
import type { StoredBackup } from './backup/backup.ts'
import type { BackupCare } from './backup/backup-care.ts'
import { forEachCluster } from './backup/for-each-cluster.ts'
import { CREATED } from './create-backups.ts'
import { describeDuration } from '../core/describe-duration.ts'
import type { Job, JobContext } from './job.ts'

const EVERY_MS = 5 * 60_000

export const watchBackups: Job = {
  name: 'watch-backups',
  purpose: 'Makes the backup that was missed, and tells of backups and drills that are too old and of a volume that fills up',
  timing: ({ backup }) => (backup.kind === 'none' ? { kind: 'off' } : { kind: 'interval', everyMs: EVERY_MS }),
  async run(context, signal) {
    const sentences: string[] = []
    for (const care of context.backups()) {
      const { backups } = await care.list()
      sentences.push(await catchUp(context, care, backups[0], signal))
      await tellAges(context, care, backups)
      await tellRoom(care)
    }
    return sentences.filter((sentence) => sentence !== '').join('; ')
  },
}

async function catchUp(context: JobContext, care: BackupCare, newest: StoredBackup | undefined, signal: AbortSignal): Promise<string> {
  const due = await care.due.load()
  if (due.nextWallMs === undefined && context.nextBackupWallMs() !== undefined) {
    await care.due.save({ ...due, nextWallMs: context.nextBackupWallMs() })
  }
  const now = { wallMs: context.clock.wallMs(), jitterMs: context.settings.backup.jitterMs }
  const reason = reasonToCatchUp(newest?.manifest.startedWallMs, due, now)
  if (reason === undefined || care.objection() !== '' || !care.mayCatchUp()) return ''
  const made = await forEachCluster([care], CREATED, (each) => each.create(signal))
  await care.due.save({ lastWallMs: now.wallMs, nextWallMs: context.nextBackupWallMs() })
  return `${made} (${reason})`
}

async function tellAges({ clock }: JobContext, care: BackupCare, backups: readonly StoredBackup[]): Promise<void> {
  const { maximumAgeMs, drillMaximumAgeMs } = care.settings
  const newest = backups[0]
  if (newest === undefined) return
  const ageMs = clock.wallMs() - newest.manifest.startedWallMs
  await care.tell(
    'backup:age',
    ageMs > maximumAgeMs ? `the newest backup is ${describeDuration(ageMs)} old, more than backup.maximum_age allows` : undefined,
  )
  const drills = backups.flatMap(({ standing: { drilled } }) => (drilled?.ok === true ? [drilled.wallMs] : []))
  const oldest = backups.at(-1)?.manifest.startedWallMs ?? clock.wallMs()
  const drillAgeMs = clock.wallMs() - Math.max(oldest, ...drills)
  const since =
    drills.length === 0 ? 'no backup was ever restored for proof' : `the last successful drill is ${describeDuration(drillAgeMs)} old`
  await care.tell('backup:drill-age', drillAgeMs > drillMaximumAgeMs ? `${since}, more than backup.drill_maximum_age allows` : undefined)
}

async function tellRoom(care: BackupCare): Promise<void> {
  const usedRatio = await care.usedRatio()
  const full = usedRatio >= care.settings.warnRatio
  await care.tell('backup:room', full ? `the volume of the backups is ${Math.round(usedRatio * 100)} % full` : undefined)
}
