import { stat } from 'node:fs/promises'
import { median, type Measurement } from '../measurement.ts'
import { backUp, timed, type BackupStage } from './ground.ts'

const ROUNDS = 3
const BAR_TIME_RATIO = 1 / 3
const BAR_SIZE_RATIO = 1.1

/** What everybody does: one process, gzip as it comes. */
async function dumpByHand({ server }: BackupStage): Promise<number> {
  const file = `${server.directory}/run/by-hand.sql.gz`
  const { socketDirectory, port, binaryDirectory } = server.cluster
  const dump = `${binaryDirectory}/pg_dump --host=${socketDirectory} --port=${port} --username=postgres app | gzip > ${file}; sync ${file}`
  await server.runAsOwner('bash', ['-o', 'pipefail', '-c', dump])
  return (await stat(file)).size
}

/** Alternately, so that whatever else the machine does hurts both. */
export async function measureLogical(stage: BackupStage): Promise<readonly Measurement[]> {
  const [byHandMs, ownMs, sizeRatios]: [number[], number[], number[]] = [[], [], []]
  for (let round = 0; round < ROUNDS; round++) {
    const byHand = await timed(() => dumpByHand(stage))
    const own = await timed(() => backUp(stage, 'logical'))
    byHandMs.push(byHand.tookMs)
    ownMs.push(own.tookMs)
    sizeRatios.push(own.value.manifest.sizeBytes / byHand.value)
  }
  const [ratio, sizeRatio] = [median(ownMs) / median(byHandMs), median(sizeRatios)]
  const database = `a database of ${stage.sizeMb} MB, median of ${ROUNDS} in turn`
  return [
    { name: 'pg_dump | gzip', value: median(byHandMs) / 1000, bar: undefined, unit: 's', how: database },
    { name: 'logical backup', value: median(ownMs) / 1000, bar: undefined, unit: 's', how: 'with hashes, rows counted, fsynced' },
    { name: 'logical, of its time', value: ratio, bar: BAR_TIME_RATIO, unit: '', how: 'logical backup / pg_dump | gzip' },
    { name: 'logical, of its size', value: sizeRatio, bar: BAR_SIZE_RATIO, unit: '', how: 'the same' },
  ]
}
