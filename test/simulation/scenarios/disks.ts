import { DATA } from '../../fakes/simulated-data-directory.ts'
import { fillDisk, makeRoom } from '../hands.ts'
import { MINUTE_MS, type Scenario } from './scenario.ts'

const NO_ROOM = 'could not write to file "pg_wal/xlogtemp.12": No space left on device'
const BALLAST_BYTES = 32 * 1024 * 1024
/** By then the ballast lies, also when pgwatchd or the machine died while it was laid. */
const LAID_MS = 2 * MINUTE_MS
const BALLAST = `recovery: { disk: { ballast: ${BALLAST_BYTES}B } }`

/** Rooms run out. */
export const DISKS: readonly Scenario[] = [
  {
    name: 'the disk is full, the server runs, there is ballast',
    yaml: BALLAST,
    play: (world) => world.later(LAID_MS, () => fillDisk(world)),
    lastsMs: LAID_MS + 3 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'the disk is full, the server is down, there is ballast',
    yaml: BALLAST,
    play(world) {
      world.later(LAID_MS, () => {
        fillDisk(world)
        world.machine.server.panic(NO_ROOM)
      })
    },
    lastsMs: LAID_MS + 3 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'the disk is full, the server is down, room comes later',
    play(world) {
      fillDisk(world)
      world.machine.server.panic(NO_ROOM)
      world.later(4 * MINUTE_MS, () => makeRoom(world))
    },
    lastsMs: 6 * MINUTE_MS,
    ends: 'healthy',
  },
  {
    name: 'the disk is full, the server is down, a core file is moved away',
    yaml: 'recovery: { disk: { ballast: 0 } }',
    play(world) {
      world.machine.files.put(`${DATA}/core`, new Uint8Array(BALLAST_BYTES))
      fillDisk(world)
      world.machine.server.panic(NO_ROOM)
    },
    lastsMs: 3 * MINUTE_MS,
    ends: 'healthy',
  },
]
