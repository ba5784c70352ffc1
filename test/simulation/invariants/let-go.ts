import type { Invariant } from './invariant.ts'

/** A daemon that has just started looks first. */
const PATIENCE_MS = 60_000

export const letGo: Invariant = {
  name: 'let-go',
  meaning: 'nobody is kept from starting the server while no recovery is under way',
  watch(world, violate) {
    const { service, clock } = world.machine
    let heldSinceMs: number | undefined
    return {
      onStep() {
        const watch = world.daemon()?.watch()
        const isWrong = watch !== undefined && watch.recovery === undefined && service.held
        if (!isWrong) heldSinceMs = undefined
        else heldSinceMs ??= clock.elapsedMs()
        if (heldSinceMs !== undefined && clock.elapsedMs() - heldSinceMs > PATIENCE_MS)
          violate(`the service has been held for ${PATIENCE_MS} ms without a recovery`)
      },
    }
  },
}
