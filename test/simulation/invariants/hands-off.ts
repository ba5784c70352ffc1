import { certainJournal } from '../certain.ts'
import type { Act } from '../operations.ts'
import type { World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/** What was seen before a moment is still acted on right after it. */
const JUST_BEFORE_MS = 3_000

/** Why an act is wrong, and since when. */
interface Reason {
  readonly why: string
  readonly sinceMs: number
}

function reasonsToStayAway(world: World, { kind }: Act): readonly Reason[] {
  const { truth, machine } = world
  const nowMs = machine.clock.elapsedMs()
  const limits = world.daemon()?.watch().settings.limits
  const reasons: Reason[] = []
  if (limits?.mode === 'observe') reasons.push({ why: 'pgwatchd is to observe only', sinceMs: -Infinity })
  if (truth.pausedSinceMs !== undefined && nowMs < (truth.pausedUntilMs ?? Infinity))
    reasons.push({ why: 'it is paused', sinceMs: truth.pausedSinceMs })
  if (truth.foreignSinceMs !== undefined) reasons.push({ why: 'somebody else owns the cluster', sinceMs: truth.foreignSinceMs })
  if (kind !== 'start' || truth.stoppedByOperatorMs === undefined || limits === undefined) return reasons
  const { action, graceMs } = limits.operatorStop
  if (action === 'hold' || nowMs - truth.stoppedByOperatorMs < graceMs)
    reasons.push({ why: 'an operator stopped the server, and that is to be left alone', sinceMs: truth.stoppedByOperatorMs })
  return reasons
}

export const handsOff: Invariant = {
  name: 'hands-off',
  meaning: 'nothing is begun while paused or observing, on a cluster that somebody else owns, or against an operator within the grace',
  watch(world, violate) {
    /** When each attempt was first seen: one that is under way goes on. */
    const begun = new Map<string, number>()
    return {
      onStep() {
        if (['starting', 'running'].includes(world.machine.server.phase)) world.truth.stoppedByOperatorMs = undefined
        const state = world.daemon()?.watch().state
        if (state?.mode !== 'recovering') return
        const name = `${state.incidentId ?? ''} ${state.incidentAttempts}`
        if (!begun.has(name)) begun.set(name, world.machine.clock.elapsedMs())
      },
      onAct(act) {
        const reasons = reasonsToStayAway(world, act)
        if (reasons.length === 0) return
        const journal = certainJournal(world.machine.files.disk)
        const begunMs = begun.get(`${journal?.incidentId ?? ''} ${journal?.attempt ?? 0}`) ?? world.machine.clock.elapsedMs()
        const reason = reasons.find(({ sinceMs }) => begunMs > sinceMs + JUST_BEFORE_MS)
        if (reason !== undefined) violate(`${act.call.operation} ${act.call.object}: ${reason.why}`)
      },
    }
  },
}
