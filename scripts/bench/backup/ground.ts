import type { BackupKind } from '../../../src/core/backup/manifest.ts'
import type { BackupGround, BackupProvider, Outcome, StoredBackup } from '../../../src/jobs/backup/backup.ts'
import { createBackup } from '../../../src/jobs/backup/create-backup.ts'
import { PROVIDERS } from '../../../src/jobs/backup/providers/index.ts'
import { makeBackupGround } from '../../../test/jobs/backup/real-ground.ts'
import { makeCluster, type TestCluster } from '../../../test/support/cluster.ts'
import { fillDatabase } from './fill.ts'

/** A filled cluster, durable as a host has it, and the place of its backups. */
export interface BackupStage {
  readonly server: TestCluster
  readonly ground: BackupGround
  readonly sizeMb: number
  remove(): Promise<void>
}

export const SIGNAL = new AbortController().signal

export async function makeBackupStage(sizeMb: number): Promise<BackupStage> {
  const teardowns: (() => Promise<void>)[] = []
  const settings = { max_wal_size: '4GB', shared_buffers: '256MB' }
  const server = await makeCluster({ teardown: (handler) => teardowns.push(handler) }, { fsync: true, settings })
  await fillDatabase(server, sizeMb)
  const { ground } = await makeBackupGround(server)
  const remove = async (): Promise<void> => {
    for (const teardown of teardowns) await teardown()
  }
  return { server, ground, sizeMb, remove }
}

/** The result of `work` and how long it took; throws what `work` refused. */
export async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly tookMs: number }> {
  const startedMs = performance.now()
  const value = await work()
  return { value, tookMs: performance.now() - startedMs }
}

export function expectDone<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value
  throw new Error(`${outcome.why}; ${outcome.hint}`)
}

export function providerOf(kind: BackupKind): BackupProvider {
  const provider = PROVIDERS[kind]
  if (provider === undefined) throw new Error(`no provider makes backups of the kind ${kind}`)
  return provider
}

export async function backUp({ ground }: BackupStage, kind: BackupKind): Promise<StoredBackup> {
  return expectDone(await createBackup(ground, providerOf(kind), SIGNAL))
}
