import type { Config } from '../config/config.ts'
import { JOBS } from '../jobs/index.ts'
import type { ClusterStanding, JobContext } from '../jobs/job.ts'
import type { Appointment, Calendar } from '../ports/calendar.ts'
import { beginCheck } from './check-integrity.ts'
import type { BackupDesk } from './backup-desk.ts'
import { createBackupOffice } from './backup-office.ts'
import type { HostParts } from './compose.ts'
import type { Fleet } from './fleet.ts'
import type { IncidentStore } from './incident-store.ts'
import { runJobs } from './run-jobs.ts'
import type { Telegraph } from './telegraph.ts'
import type { Watch } from './watch.ts'

export interface JobParts {
  readonly parts: HostParts
  readonly fleet: Fleet
  readonly telegraph: Telegraph
  readonly incidents: IncidentStore
  readonly backups: BackupDesk
  calendar(): Calendar
}

/** The jobs by the clock, which follow the configuration. */
export interface Jobs {
  /** Starts them, or starts them anew after a reload. */
  follow(config: Config): Promise<void>
  stop(): Promise<void>
}

export function createJobs(given: JobParts): Jobs {
  let stop = (): Promise<void> => Promise.resolve()
  let nextBackup: Appointment | undefined
  const office = createBackupOffice(given.fleet, given.backups)
  return {
    async follow(config) {
      await stop()
      nextBackup = undefined
      const context = { ...contextFor(given, config), backups: office.cares, nextBackupWallMs: () => nextBackup?.nextWallMs() }
      stop = await runJobs({
        jobs: JOBS,
        context,
        log: given.parts.host.log,
        calendar: () => given.calendar(),
        onAppointment(name, appointment) {
          if (name === 'create-backups') nextBackup = appointment
        },
      })
    },
    stop: () => stop(),
  }
}

function contextFor({ parts, fleet, telegraph, incidents }: JobParts, config: Config): Omit<JobContext, 'backups' | 'nextBackupWallMs'> {
  return {
    host: parts.hostName,
    clock: parts.host.clock,
    settings: {
      heartbeatMs: config.log.heartbeatMs,
      incidents: config.incidents,
      summarySchedule: config.alerts.summarySchedule,
      integritySchedule: config.recovery.checksums.onlineSchedule,
      backup: config.backup,
    },
    clusters: () => fleet.watches().map(standingOf),
    beginIntegrityChecks: () =>
      fleet
        .watches()
        .filter(beginCheck)
        .map(({ cluster }) => cluster.name),
    incidents,
    get outbox() {
      return telegraph.outbox.status()
    },
    mail: (subject, text) => telegraph.mail(subject, text),
  }
}

function standingOf({ cluster, state, sentence, healthySinceWallMs }: Watch): ClusterStanding {
  return { name: cluster.name, mode: state.mode, sentence, healthySinceWallMs: state.mode === 'healthy' ? healthySinceWallMs : undefined }
}
