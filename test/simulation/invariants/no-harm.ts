import { DATA, SEGMENT_BYTES } from '../../fakes/simulated-data-directory.ts'
import { isServing } from '../world.ts'
import type { Act } from '../operations.ts'
import type { Invariant } from './invariant.ts'

const NEEDED_BYTES = 2 * SEGMENT_BYTES
/** A disk may fill up between a look and the act that it allows. */
const LOOK_AGAIN_MS = 3_000

export const noHarm: Invariant = {
  name: 'no-harm',
  meaning:
    'a server that serves, recovers or could not start again is never ended, none is started beside another or on a full disk, and no file of it is touched but a stale lock file',
  watch(world, violate) {
    const { server, directory, clock, processes } = world.machine
    let hadRoomMs = 0
    let didServeMs = -Infinity

    function look(): void {
      const nowMs = clock.elapsedMs()
      if (directory.hasRoomFor(NEEDED_BYTES)) hadRoomMs = nowMs
      if (isServing(world)) didServeMs = nowMs
      if (server.doubled > 0) violate('a server was started beside what was left of another one')
      if (server.rows < world.truth.acknowledgedRows)
        violate(`${server.rows} rows are left of ${world.truth.acknowledgedRows} that were confirmed`)
    }

    const isFull = (): boolean => clock.elapsedMs() - hadRoomMs > LOOK_AGAIN_MS

    const checks: Readonly<Record<Act['kind'], (act: Act) => string | undefined>> = {
      start: () => (isFull() && !directory.hasRoomFor(NEEDED_BYTES) ? 'a start on a full disk' : undefined),
      end() {
        if (isServing(world) && clock.elapsedMs() === didServeMs) return 'a server that serves is ended'
        if (server.phase === 'starting' && !server.conditions.stalled && !server.isFrozen()) return 'a server that recovers is ended'
        return server.phase !== 'down' && isFull() ? 'a server on a full disk is ended' : undefined
      },
      thaw: () => undefined,
      hold: () => undefined,
      'lock-file'({ call }) {
        const isMovedAway = call.operation === 'disk unlink' || call.object.startsWith(DATA)
        const pid = directory.lockedBy()
        if (!isMovedAway || pid === undefined) return undefined
        return processes.postgresIn(DATA).length > 0 ? `the lock file is moved while processes of the cluster live` : undefined
      },
      files: ({ call }) => (isAllowed(call.operation, call.object) ? undefined : `${call.operation} ${call.object}`),
    }

    return {
      onAct(act) {
        look()
        const harm = checks[act.kind](act)
        if (harm !== undefined) violate(harm)
      },
      onStep: look,
    }
  },
}

/** The mode of the directory, what removes a core file, and nothing else. */
function isAllowed(operation: string, object: string): boolean {
  if (operation === 'disk chmod') return object === DATA
  return ['disk link', 'disk unlink', 'disk rename'].includes(operation) && object.split(' ').some((path) => /\/core(\.\d+)?$/.test(path))
}
