import type { SimulatedDaemon } from './simulated-daemon.ts'
import type { SimulatedMachine } from './simulated-machine.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const FINE_STEP_MS = 10
const COARSE_STEP_MS = 500
/** The first seconds pass in fine steps, so that short times can be measured. */
const FINE_FOR_MS = 5000

/** Milliseconds of `90s`, `3m`, `1d`. */
export function toMs(duration: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h|d)$/.exec(duration) ?? []
  if (amount === undefined || unit === undefined) throw new Error(`no duration: ${duration}`)
  return Number(amount) * (UNITS[unit] ?? 0)
}

/** Lets time pass until `reached`; the milliseconds it took, or `undefined` when it did not come to that in time. */
export async function passUntil({ clock }: SimulatedMachine, reached: () => boolean, atMostMs: number): Promise<number | undefined> {
  const beganMs = clock.monotonicMs()
  await clock.settle()
  while (!reached()) {
    const passedMs = clock.monotonicMs() - beganMs
    if (passedMs > atMostMs) return undefined
    await clock.advance(passedMs < FINE_FOR_MS ? FINE_STEP_MS : COARSE_STEP_MS)
  }
  return clock.monotonicMs() - beganMs
}

/**
 * Tells when the daemon has finished reacting to what was done before this call: it has looked twice, no recovery is under
 * way, the server neither starts nor stops, and the mail is out (unless the mail server is dead).
 */
export function watchForRest(machine: SimulatedMachine, daemon: () => SimulatedDaemon): () => boolean {
  const looks = new Set([daemon().watch().lastTickMonotonicMs])
  return () => {
    looks.add(daemon().watch().lastTickMonotonicMs)
    return looks.size > 2 && isAtRest(machine, daemon())
  }
}

function isAtRest({ server, mailer }: SimulatedMachine, daemon: SimulatedDaemon): boolean {
  const { recovery, state } = daemon.watch()
  const moves = server.phase === 'starting' || server.phase === 'stopping'
  const down = server.phase === 'down' || server.isFrozen()
  const mailWaits = daemon.telegraph.outbox.status().waiting > 0 && mailer.answers.length === 0
  const acts = recovery !== undefined || ['suspect', 'recovering'].includes(state.mode)
  return !acts && !moves && !mailWaits && !(state.mode === 'healthy' && down)
}

/** How things stand, for a test that waited in vain. */
export function describeStanding({ server, journal }: SimulatedMachine, daemon: SimulatedDaemon): string {
  const { state, recovery, step } = daemon.watch()
  const under = recovery === undefined ? 'none' : step
  const standing = `mode ${state.mode}, recovery ${under}, server ${server.phase}, ${daemon.telegraph.outbox.status().waiting} mails wait`
  return [standing, ...journal.slice(-10).map(({ atMs, message }) => `${atMs} ${message}`)].join('\n')
}
