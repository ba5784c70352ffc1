import { fillVolume } from '../filler.ts'
import type { Damage } from './damage.ts'

export const fullVolume: Damage = {
  name: 'full-volume',
  sentence: 'the volume is full to the last byte, the server died when its WAL had to grow, and a person makes room',
  volume: 'small',
  async make(stage) {
    return { person: { told: /disk|room|space/i, act: await fillVolume(stage) } }
  },
}
