import { median, type Measurement } from '../measurement.ts'
import { backUp, timed, type BackupStage } from './ground.ts'
import { hammer } from '../../../test/support/hammer.ts'

const ROUNDS = 3
const BAR_GAP_MS = 1000

/** The way that needs nothing but a pause: the server is away from the stop to the start. */
async function copyByHand({ server }: BackupStage, round: number): Promise<void> {
  await server.stop('fast')
  const target = `${server.directory}/run/by-hand-${round}`
  await server.runAsOwner('sh', ['-c', `cp -a ${server.cluster.dataDirectory} ${target} && sync -f ${target}`])
  await server.start()
  await server.runAsOwner('rm', ['-rf', target])
}

export async function measurePhysical(stage: BackupStage): Promise<readonly Measurement[]> {
  const [byHandMs, ownMs, gapsMs]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < ROUNDS; round++) {
    byHandMs.push((await timed(() => copyByHand(stage, round))).tookMs)
    const clients = hammer(stage.server)
    ownMs.push((await timed(() => backUp(stage, 'physical'))).tookMs)
    gapsMs.push((await clients.stop()).longestGapMs)
  }
  const ratio = median(ownMs) / median(byHandMs)
  return [
    { name: 'stop, cp -a, start', value: median(byHandMs) / 1000, bar: undefined, unit: 's', how: `median of ${ROUNDS} in turn, synced` },
    {
      name: 'physical backup',
      value: median(ownMs) / 1000,
      bar: undefined,
      unit: 's',
      how: 'while clients ask, with WAL, hashes, fsynced',
    },
    { name: 'physical, of its time', value: ratio, bar: 1, unit: '', how: 'physical backup / stop, cp -a, start' },
    { name: 'physical, longest gap', value: Math.max(...gapsMs), bar: BAR_GAP_MS, unit: 'ms', how: 'no answer to any of 4 clients' },
  ]
}
