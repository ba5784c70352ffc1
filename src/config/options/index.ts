import { ALERT_OPTIONS } from './alerts.ts'
import { BACKUP_OPTIONS } from './backup.ts'
import { CLUSTERS_OPTION } from './clusters.ts'
import { GENERAL_OPTIONS } from './general.ts'
import type { OptionTable, Values } from './option.ts'
import { PROBE_OPTIONS } from './probes.ts'
import { RECOVERY_OPTIONS } from './recovery.ts'
import { WATCH_OPTIONS } from './watch.ts'

/** Every key of `/etc/pgwatch.yaml`: the loader, the example file and the schema are made of it. */
export const OPTIONS = {
  ...CLUSTERS_OPTION,
  ...ALERT_OPTIONS,
  ...WATCH_OPTIONS,
  ...PROBE_OPTIONS,
  ...RECOVERY_OPTIONS,
  ...BACKUP_OPTIONS,
  ...GENERAL_OPTIONS,
} as const satisfies OptionTable

/** What the whole file yields. */
export type FileValues = Values<typeof OPTIONS>

/** What each section is about. */
export const SECTIONS: Readonly<Record<string, string>> = {
  watch: 'How often to look, and when a failure is believed.',
  'watch.operator_stop': 'A cluster that somebody stopped on purpose.',
  probes: 'The questions that are asked. A probe that has no answer by its deadline has failed.',
  'probes.timeout': 'Deadlines.',
  'probes.disk': 'Data directory, pg_wal, tablespaces and log directory, each on its own file system.',
  recovery: 'Whether, how often and how far to act.',
  'recovery.stop': 'Each way to stop a server gets its time, then comes the next.',
  'recovery.start': 'A start is never given up because of the clock alone.',
  'recovery.wal': 'A look at what the recovery of a crashed server would read, before it does.',
  'recovery.checksums': 'Verification of all pages, possible only while the cluster is down.',
  'recovery.repair': 'Damaged pages, after everything on them was saved in the folder of the incident.',
  'recovery.sessions': 'Sessions that may be ended when every connection is taken. Never one of a backup or of replication.',
  'recovery.blockers': 'Sessions that keep others waiting for a lock. Never one of replication, of autovacuum or of a backup.',
  'recovery.disk': 'What may be given up when the disk is full.',
  backup: 'What is kept for the day when no repair helps. Without a kind nothing is backed up.',
  alerts: 'Who is told.',
  'alerts.mail': 'Mail. Without this section alerts go to the journal only.',
  'alerts.mail.smtp': 'How mail is sent.',
  log: "What pgwatchd's own journal shows.",
  incidents: 'The folders in which evidence and everything that was replaced is kept.',
}
