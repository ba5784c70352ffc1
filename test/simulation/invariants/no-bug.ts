import type { Invariant } from './invariant.ts'

const EVENTS = /^(bug|probe-bug|control-request-failed|control-connection-failed)$/
const SAID = /\bbug in\b/

export const noBug: Invariant = {
  name: 'no-bug',
  meaning: 'pgwatchd meets everything that the outside does without a bug of its own',
  watch(world, violate) {
    let read = 0
    world.onBug = (error) => violate(error instanceof Error ? (error.stack ?? error.message) : String(error))
    return {
      onStep() {
        const { journal } = world.machine
        for (; read < journal.length; read += 1) {
          const { event, message } = journal[read]!
          if (EVENTS.test(event) || SAID.test(message)) violate(message)
        }
      },
    }
  },
}
