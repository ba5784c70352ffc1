import { mkdir } from 'node:fs/promises'
import type { BackupGround, BackupSettings, Progress } from '../../../src/jobs/backup/backup.ts'
import { createOutside } from '../../recovery/real-ground.ts'
import type { TestCluster } from '../../support/cluster.ts'

export const BACKUP_SETTINGS: BackupSettings = {
  kind: 'logical',
  directory: '/nowhere',
  timeoutMs: 600_000,
  jobs: 2,
  rateLimitBytes: 0,
  keepMs: 30 * 86_400_000,
  keepCount: 7,
  warnRatio: 0.8,
  maximumAgeMs: 26 * 3_600_000,
  drillMaximumAgeMs: 9 * 86_400_000,
}

/** The backups of a throwaway cluster, below its throwaway directory. */
export async function makeBackupGround(
  test: TestCluster,
  changes: Partial<BackupSettings> = {},
): Promise<{ readonly ground: BackupGround; readonly told: Progress[] }> {
  const directory = `${test.directory}/backups`
  await mkdir(`${directory}/test`, { recursive: true, mode: 0o755 })
  const told: Progress[] = []
  const login = { user: 'postgres', database: 'postgres', host: '', password: async () => undefined }
  const ground: BackupGround = {
    cluster: test.cluster,
    outside: createOutside(test, `${test.directory}/run`),
    settings: { ...BACKUP_SETTINGS, directory, ...changes },
    login,
    directory: `${directory}/test`,
    report: (progress) => void told.push(progress),
  }
  return { ground, told }
}
