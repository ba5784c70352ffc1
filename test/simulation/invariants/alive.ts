import type { Invariant } from './invariant.ts'

/** `WatchdogSec=` of the unit. */
const WATCHDOG_MS = 30_000
const START_MS = 60_000

export const alive: Invariant = {
  name: 'alive',
  meaning: 'pgwatchd feeds the watchdog of the service manager: nothing hangs',
  watch: (world, violate) => ({
    onStep() {
      const { clock, lifeSign } = world.machine
      const silentMs = clock.elapsedMs() - lifeSign.lastMs
      const allowedMs = world.daemon() === undefined ? START_MS : WATCHDOG_MS
      if (world.isAlive() && silentMs > allowedMs) violate(`no sign of life for ${silentMs} ms`)
    },
  }),
}
