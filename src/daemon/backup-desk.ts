import type { BackupGround, Outcome, Progress } from '../jobs/backup/backup.ts'
import type { Watch } from './watch.ts'

/** What is being done with the backups of one cluster. */
export interface BackupWork {
  /** "creating a backup" */
  readonly what: string
  readonly startedMonotonicMs: number
  progress: Progress | undefined
}

/** Lets at most one operation at a time work on the backups of a cluster. */
export interface BackupDesk {
  running(watch: Watch): BackupWork | undefined
  /** Runs `work`, unless another is under way: then it is refused with the code `busy`. */
  run<T>(
    watch: Watch,
    request: { readonly what: string; readonly signal: AbortSignal; report?(progress: Progress): void },
    work: (ground: BackupGround, signal: AbortSignal) => Promise<Outcome<T>>,
  ): Promise<Outcome<T>>
}

/** `abort`: the daemon must be gone at once. */
export function createBackupDesk(abort: AbortSignal): BackupDesk {
  const works = new Map<string, BackupWork>()
  return {
    running: ({ cluster }) => works.get(cluster.name),
    async run(watch, { what, signal, report }, work) {
      const { name } = watch.cluster
      const other = works.get(name)
      if (other !== undefined)
        return { ok: false, code: 'busy', why: `${name}: pgwatchd is ${other.what}`, hint: 'try again when that has ended' }
      const own: BackupWork = { what, startedMonotonicMs: watch.outside.clock.monotonicMs(), progress: undefined }
      works.set(name, own)
      try {
        const ground = groundFor(watch, (progress) => {
          own.progress = progress
          report?.(progress)
        })
        return await work(ground, AbortSignal.any([abort, signal]))
      } finally {
        works.delete(name)
      }
    },
  }
}

export function groundFor({ cluster, outside, settings, superuser }: Watch, report: (progress: Progress) => void): BackupGround {
  return {
    cluster,
    outside,
    settings: settings.backup,
    login: superuser,
    directory: `${settings.backup.directory}/${cluster.name}`,
    report,
  }
}
