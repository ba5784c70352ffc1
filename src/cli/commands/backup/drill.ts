import { proveBackup } from '../../prove-backup.ts'
import { DAEMON_EXIT_CODES } from '../../ask.ts'
import type { Command } from '../../command.ts'
import { BACKUP_ID, CLUSTER_OPTION } from '../../common-options.ts'

export const command: Command = {
  name: 'backup drill',
  summary: 'Restore a backup into a scratch cluster, start it, and compare it',
  description: [
    `The scratch cluster is reachable by nobody else and is removed afterwards. It is started, its databases are compared with the manifest, and pg_amcheck reads it through. Only this proves that a backup can be restored.`,
  ],
  options: { cluster: CLUSTER_OPTION },
  positional: BACKUP_ID,
  examples: [{ line: 'pgwatchd backup drill', explanation: 'could it be restored today?' }],
  exitCodes: DAEMON_EXIT_CODES,
  run: (invocation, io) => proveBackup(invocation, io, 'backup-drill'),
}
