import type { Watch } from '../../../src/daemon/watch.ts'
import { createVault } from '../../../src/daemon/backup-vault.ts'
import { drillBackup } from '../../../src/jobs/backup/drill-backup.ts'
import { CRASHED } from '../../../test/recovery/crashed.ts'
import { makeGround } from '../../../test/recovery/real-ground.ts'
import type { Measurement } from '../measurement.ts'
import { backUp, expectDone, providerOf, SIGNAL, timed, type BackupStage } from './ground.ts'
import { hammer } from '../../../test/support/hammer.ts'

const BAR_SWAP_MS = 1000
const BAR_DRILL_MINUTES = 3

export async function measureDrill(stage: BackupStage): Promise<readonly Measurement[]> {
  const measurements: Measurement[] = []
  for (const kind of ['logical', 'physical'] as const) {
    const backup = await backUp(stage, kind)
    const { tookMs } = await timed(async () => expectDone(await drillBackup(stage.ground, providerOf(kind), backup, SIGNAL)))
    const how = `${stage.sizeMb} MB restored, started, compared, pg_amcheck`
    measurements.push({ name: `drill, ${kind}`, value: tookMs / 60_000, bar: BAR_DRILL_MINUTES, unit: 'min', how })
  }
  return measurements
}

/** Through the steps and the journal that a recovery has, as `pgwatchd backup restore` does. */
export async function measureSwap(stage: BackupStage): Promise<readonly Measurement[]> {
  const { server, ground } = stage
  const { manifest } = await backUp(stage, 'logical')
  const { ground: own, recover } = await makeGround(server)
  const watch = { cluster: server.cluster, outside: own.outside, settings: { backup: ground.settings }, superuser: ground.login }
  const assessment = { ...CRASHED, cause: 'restore-requested' as const, restore: { backup: manifest.id, database: 'app' } }
  const incidentId = '20261125T200000Z-bench-restore-requested-0001'
  const clients = hammer(server)
  const { value, tookMs } = await timed(() =>
    recover({ plan: 'restore-database', ground: { vault: createVault(watch as unknown as Watch), incidentId, assessment } }),
  )
  const { longestGapMs, answers } = await clients.stop()
  if (value.status !== 'succeeded') throw new Error(value.why)
  return [
    { name: 'restore of a database', value: tookMs / 1000, bar: undefined, unit: 's', how: `${stage.sizeMb} MB beside the old one` },
    { name: 'swap outage', value: longestGapMs, bar: BAR_SWAP_MS, unit: 'ms', how: `longest time without one of ${answers} answers` },
  ]
}
