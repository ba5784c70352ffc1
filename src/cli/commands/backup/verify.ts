import { proveBackup } from '../../prove-backup.ts'
import { DAEMON_EXIT_CODES } from '../../ask.ts'
import type { Command } from '../../command.ts'
import { BACKUP_ID, CLUSTER_OPTION } from '../../common-options.ts'

export const command: Command = {
  name: 'backup verify',
  summary: 'Read every byte of a backup and compare it with its manifest',
  description: [
    `Hashes are compared, then the dump or the copy is read through by PostgreSQL's own program. It proves that the backup is whole; that it can be restored is proved by "pgwatchd backup drill".`,
  ],
  options: { cluster: CLUSTER_OPTION },
  positional: BACKUP_ID,
  examples: [{ line: 'pgwatchd backup verify', explanation: 'is the newest backup whole?' }],
  exitCodes: DAEMON_EXIT_CODES,
  run: (invocation, io) => proveBackup(invocation, io, 'backup-verify'),
}
