import type { BackupGround } from './backup.ts'

/** How PostgreSQL's own programs log in: by environment, so that no password stands in a list of processes. */
export async function loginEnvironment({ cluster, login }: BackupGround): Promise<Readonly<Record<string, string>>> {
  const password = await login.password()
  return {
    PGHOST: login.host === '' ? cluster.socketDirectory : login.host,
    PGPORT: String(cluster.port),
    PGUSER: login.user,
    PGDATABASE: login.database,
    PGAPPNAME: 'pgwatchd/backup',
    PGCONNECT_TIMEOUT: '10',
    ...(password === undefined ? {} : { PGPASSWORD: password }),
  }
}
