import { CLUSTER_PATHS, certainSequence } from '../certain.ts'
import type { Invariant } from './invariant.ts'

export const stateKept: Invariant = {
  name: 'state-kept',
  meaning: 'however pgwatchd ends, the next one finds the state and the journal that were saved last, or later ones',
  watch(world, violate) {
    const { disk } = world.machine.files
    const saved = new Map<string, number>()
    let deaths = 0
    return {
      onDone({ operation, object }) {
        const isSave = CLUSTER_PATHS.has(object) && (operation === 'files overwrite' || operation === 'files writeDurably')
        if (isSave) saved.set(object, certainSequence(disk, object))
      },
      onStep() {
        if (world.deaths.length === deaths) return
        deaths = world.deaths.length
        for (const [path, sequence] of saved)
          if (certainSequence(disk, path) < sequence)
            violate(`${path} is older than what was saved: ${certainSequence(disk, path)} instead of ${sequence}`)
      },
    }
  },
}
