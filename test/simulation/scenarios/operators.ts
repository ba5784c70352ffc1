import { pause, requestRecovery, resume, startByOperator, stopByOperator } from '../hands.ts'
import { MINUTE_MS, type Scenario, SECOND_MS } from './scenario.ts'

/** People do something. */
export const OPERATORS: readonly Scenario[] = [
  {
    name: 'an operator stops the server',
    play: (world) => void stopByOperator(world),
    lastsMs: 4 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'an operator stops the server and starts it again',
    play(world) {
      void stopByOperator(world)
      world.later(2 * MINUTE_MS, () => void startByOperator(world))
    },
    lastsMs: 3 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'an operator asks for a recovery within the grace',
    play(world) {
      void stopByOperator(world)
      world.later(MINUTE_MS, () => void requestRecovery(world))
    },
    lastsMs: 4 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'a crash while paused',
    play(world) {
      void pause(world)
      world.later(30 * SECOND_MS, () => world.machine.server.crash())
      world.later(4 * MINUTE_MS, () => void resume(world))
      world.later(4 * MINUTE_MS + 20 * SECOND_MS, () => void resume(world))
    },
    lastsMs: 6 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'a pause that ends by itself',
    play(world) {
      void pause(world, 3 * MINUTE_MS)
      world.later(30 * SECOND_MS, () => world.machine.server.crash())
    },
    lastsMs: 5 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'a reload and a restart in the middle of a recovery',
    play(world) {
      world.machine.server.conditions.redoMs = 40 * SECOND_MS
      world.machine.server.crash()
      world.later(10 * SECOND_MS, () => void world.ask({ command: 'reload' }))
      world.later(20 * SECOND_MS, () => world.restart())
    },
    lastsMs: 2 * MINUTE_MS,
    ends: 'healthy',
  },
]
