import { DATA } from '../../fakes/simulated-data-directory.ts'
import { resume } from '../hands.ts'
import { MINUTE_MS, type Scenario, SECOND_MS } from './scenario.ts'

/** The server ends, and cannot be started at once. */
export const STARTS: readonly Scenario[] = [
  {
    name: 'two starts fail',
    play(world) {
      const { server } = world.machine
      server.conditions.fatalAtStart = 'could not load library'
      server.crash()
      world.later(70 * SECOND_MS, () => void (server.conditions.fatalAtStart = ''))
    },
    lastsMs: 4 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'no start succeeds',
    play({ machine, truth }) {
      truth.permanent.add('fatal at start')
      machine.server.conditions.fatalAtStart = 'could not load library'
      machine.server.crash()
    },
    lastsMs: 10 * MINUTE_MS,
    ends: 'told',
  },
  {
    name: 'exhausted, then mended and resumed',
    play(world) {
      const { server } = world.machine
      server.conditions.fatalAtStart = 'could not load library'
      server.crash()
      world.later(10 * MINUTE_MS, () => {
        server.conditions.fatalAtStart = ''
        void resume(world)
      })
    },
    lastsMs: 12 * MINUTE_MS,
    ends: 'told',
  },
  {
    name: 'the configuration is broken for a while',
    play(world) {
      const { server } = world.machine
      server.conditions.configurationError = 'FATAL:  configuration file "postgresql.conf" contains errors'
      server.crash()
      world.later(3 * MINUTE_MS, () => void (server.conditions.configurationError = ''))
    },
    lastsMs: 5 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'wrong permissions, and a start that fails',
    play(world) {
      const { server, files } = world.machine
      files.disk.find(DATA, true)!.inode!.mode = 0o755
      server.conditions.fatalAtStart = 'could not load library'
      server.crash()
      world.later(20 * SECOND_MS, () => void (server.conditions.fatalAtStart = ''))
    },
    lastsMs: 3 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'a start in which nothing moves for a while',
    yaml: 'recovery: { start: { stall_timeout: 60s } }',
    play(world) {
      const { server } = world.machine
      server.conditions.redoMs = 20 * SECOND_MS
      server.conditions.stalled = true
      server.crash()
      world.later(4 * MINUTE_MS, () => void (server.conditions.stalled = false))
    },
    lastsMs: 7 * MINUTE_MS,
    ends: 'healthy',
  },
]
