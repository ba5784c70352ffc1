import { giveAwayPid } from '../hands.ts'
import { MINUTE_MS, type Scenario, SECOND_MS } from './scenario.ts'

/** The server ends, and can be started again. */
export const CRASHES: readonly Scenario[] = [
  {
    name: 'killed',
    play: ({ machine }) => machine.server.crash(),
    lastsMs: 30 * SECOND_MS,
    ends: 'healthy',
  },
  {
    name: 'killed, its pid given to a stranger',
    play(world) {
      world.machine.server.crash()
      giveAwayPid(world)
    },
    lastsMs: 30 * SECOND_MS,
    ends: 'healthy',
  },
  {
    name: 'the postmaster alone killed',
    play: ({ machine }) => machine.server.behead(),
    lastsMs: MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'suspended',
    play: ({ machine }) => machine.server.freeze(),
    lastsMs: MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'hanging in the kernel, where no signal reaches',
    play({ machine }) {
      const { server, processes } = machine
      processes.put({ ...processes.inspect(server.postmasterPid)!, state: 'D' })
    },
    lastsMs: 5 * MINUTE_MS,
    ends: 'told',
  },
  {
    name: 'a storage error',
    play: ({ machine }) => machine.server.panic('could not fsync file "base/5/16384": Input/output error'),
    lastsMs: MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'killed again and again',
    play(world) {
      for (let time = 0; time < 4; time += 1) world.later(time * 4 * MINUTE_MS, () => world.machine.server.crash())
    },
    lastsMs: 17 * MINUTE_MS,
    ends: 'told',
  },
  {
    name: 'a long redo',
    play({ machine }) {
      machine.server.conditions.redoMs = 3 * MINUTE_MS
      machine.server.crash()
    },
    lastsMs: 4 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'the machine loses its power',
    play: (world) => world.cutPower('journalled'),
    lastsMs: 2 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'the machine loses its power and does not start the server',
    play(world) {
      world.truth.startsAtBoot = false
      world.cutPower('journalled')
    },
    lastsMs: 2 * MINUTE_MS,
    ends: 'healthy',
  },
]
