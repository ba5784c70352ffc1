import type { ServerSession } from './session.ts'

/** Programs whose sessions may idle for hours and are at work all the same. */
const BACKUP_PROGRAM =
  /^(pg_dump|pg_dumpall|pg_restore|pg_basebackup|pg_receivewal|pg_recvlogical|pg_rewind|pgbackrest|barman|wal-g|pg_probackup)\b/i

export function isBackup({ application }: Pick<ServerSession, 'application'>): boolean {
  return BACKUP_PROGRAM.test(application)
}
