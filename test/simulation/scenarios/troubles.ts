import { DOWN, TAKEN } from '../../fakes/mailer.ts'
import { MINUTE_MS, type Scenario } from './scenario.ts'

/** The server runs and something is wrong, or telling of it is. */
export const TROUBLES: readonly Scenario[] = [
  {
    name: 'every slot is taken for a while',
    play(world) {
      const { conditions } = world.machine.server
      conditions.slotsFull = 'application'
      world.later(4 * MINUTE_MS, () => void (conditions.slotsFull = 'no'))
    },
    lastsMs: 5 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'a crash while the mail server is down',
    play(world) {
      const { mailer, server } = world.machine
      mailer.otherwise = () => DOWN
      server.crash()
      world.later(5 * MINUTE_MS, () => void (mailer.otherwise = () => TAKEN))
    },
    lastsMs: 7 * MINUTE_MS,
    ends: 'healthy',
  },
]
