import { writeFileSync } from 'node:fs'
import { ballastPath } from '../../../../src/core/disk/safe-list.ts'
import { fillVolume } from '../filler.ts'
import { writeOwned } from '../stage.ts'
import type { Damage } from './damage.ts'

const BALLAST_BYTES = 16 << 20

export const fullVolumeWithBallast: Damage = {
  name: 'full-volume-with-ballast',
  sentence: 'the same, and an earlier run of pgwatchd has laid a ballast that can be given up',
  configuration: ['  disk: { ballast: 16MB }'],
  volume: 'small',
  async make(stage) {
    const ballast = ballastPath({ ...stage.cluster, name: 'matrix' })
    writeOwned(stage, ballast, '')
    writeFileSync(ballast, new Uint8Array(BALLAST_BYTES))
    await fillVolume(stage)
    return {}
  },
}
