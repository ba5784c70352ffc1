import type { Random } from '../../src/ports/random.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'
import { draw } from './draw.ts'
import type { World } from './world.ts'

const EVERY_MS = 20_000
const CHECKPOINT_EVERY_MS = 15 * 60_000
/** Below the limit from which on an answer counts as slow, with what a checkpoint adds. */
const SLOWEST_MS = 3_000
const CHECKPOINT_ADDS_MS = 800
/** Of 97. */
const MOST_SLOTS = 90
/** From here on the volume is worth a warning, and somebody makes room; a failure begins at 90 %. */
const FULL_UP_TO = 0.85
const CLOCK_STEPS_MS = [-3_600_000, -30_000, -900, 900, 30_000, 3_600_000]
/** What a server says of its clients. */
const SAYINGS = [
  'ERROR:  deadlock detected',
  'ERROR:  canceling statement due to statement timeout',
  'ERROR:  duplicate key value violates unique constraint "orders_pkey"',
  'FATAL:  password authentication failed for user "guest"',
  'FATAL:  terminating connection due to administrator command',
  'LOG:  could not receive data from client: Connection reset by peer',
  'LOG:  checkpoints are occurring too frequently (9 seconds apart)',
  'LOG:  using stale statistics instead of current ones because stats collector is not responding',
  'LOG:  duration: 48211.002 ms  statement: select sum(total) from orders',
]

/**
 * A host with much to do on which all is well: slow statements, answers of any length below the limit, nearly all slots in use,
 * long checkpoints, a volume that grows until somebody makes room, an angry log, and a wall clock that is set.
 */
export function beBusy(world: World, random: Random, durationMs: number): void {
  const { machine } = world
  const { server, clock } = machine
  const untilMs = clock.elapsedMs() + durationMs
  const isOver = (): boolean => clock.elapsedMs() >= untilMs
  const volume = machine.files.volumeOf(DATA)
  const roomBytes = volume.availableBytes
  let checkpointUntilMs = 0

  server.conditions.latencyMs = () => {
    const isRare = random.fraction() < 0.02
    const ownMs = isRare ? random.fraction() * SLOWEST_MS : random.fraction() * 40
    return ownMs + (clock.elapsedMs() < checkpointUntilMs ? CHECKPOINT_ADDS_MS : 0)
  }

  function goOn(): void {
    if (isOver()) return rest()
    if (server.commit()) world.truth.acknowledgedRows += 1
    useSlots()
    useRoom()
    if (random.fraction() < 0.2) machine.directory.say(server.postmasterPid + 5, draw(random, SAYINGS))
    if (random.fraction() < 0.001) clock.shiftWall(draw(random, CLOCK_STEPS_MS))
    world.later(EVERY_MS, goOn)
  }

  function useSlots(): void {
    const used = Math.floor((0.5 + 0.5 * random.fraction()) * MOST_SLOTS)
    server.conditions.clients = [
      { pid: 6001, state: 'active', stateForMs: 3_600_000 },
      { pid: 6002, state: 'idle in transaction', stateForMs: Math.floor(random.fraction() * 300_000) },
      { pid: 6003, state: 'idle', stateForMs: 86_400_000 },
    ]
    server.conditions.otherSlots = used - server.conditions.clients.length
  }

  function useRoom(): void {
    const bytes = random.fraction() * 400_000
    const leftBytes = volume.totalBytes * (1 - FULL_UP_TO)
    if (volume.availableBytes - bytes > leftBytes) volume.availableBytes -= bytes
    else if (random.fraction() < 0.01) volume.availableBytes = Math.max(roomBytes, volume.availableBytes)
  }

  function checkpoint(): void {
    if (isOver()) return
    checkpointUntilMs = clock.elapsedMs() + random.fraction() * CHECKPOINT_EVERY_MS
    machine.directory.say(server.postmasterPid + 1, 'LOG:  checkpoint starting: time')
    world.later(CHECKPOINT_EVERY_MS, checkpoint)
  }

  function rest(): void {
    server.conditions.latencyMs = () => 0
    server.conditions.otherSlots = 0
    server.conditions.clients = []
    if (volume.availableBytes > 0) volume.availableBytes = Math.max(roomBytes, volume.availableBytes)
  }

  goOn()
  checkpoint()
}
