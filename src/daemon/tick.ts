import { assess, needsFacts } from '../core/assess.ts'
import type { Assessment } from '../core/cause.ts'
import { eventOf } from '../core/event.ts'
import type { Facts } from '../core/facts.ts'
import { elapsedMs } from '../core/instant.ts'
import { NO_INDICATORS } from '../core/postgres/log-indicators.ts'
import type { Readings } from '../core/reading.ts'
import { examine } from '../probes/facts/examine.ts'
import { runProbes } from '../probes/run-probes.ts'
import { confirmGone } from './confirm-gone.ts'
import { followLog } from './follow-log.ts'
import { instantOf } from './instant-of.ts'
import { tellWarnings } from './tell-warnings.ts'
import type { Watch } from './watch.ts'

/** One look at one cluster and what follows from it. Does nothing while a recovery is under way. */
export async function tick(watch: Watch): Promise<void> {
  await watch.applying
  if (isRecovering(watch)) return
  await endLostRecovery(watch)
  await endPause(watch)
  const { readings, assessment } = await look(watch)
  watch.readings = readings
  watch.assessment = assessment
  watch.lastTickWallMs = watch.outside.clock.wallMs()
  watch.lastTickMonotonicMs = watch.outside.clock.monotonicMs()
  if (isRecovering(watch)) return
  await watch.apply(eventOf(assessment))
  if (watch.state.mode === 'healthy') settle(watch)
  else watch.healthySinceWallMs = undefined
  await tellWarnings(watch, assessment)
}

export interface Seen {
  readonly readings: Readings
  readonly assessment: Assessment
}

/** Looks and assesses, one look after the other; changes nothing but the watch's own memory. */
export function look(watch: Watch): Promise<Seen> {
  const seen = watch.looking.then(() => lookNow(watch))
  watch.looking = seen.then(
    () => undefined,
    () => undefined,
  )
  return seen
}

async function lookNow(watch: Watch): Promise<Seen> {
  await followLog(watch)
  const readings = await runProbes(
    {
      cluster: watch.cluster,
      settings: watch.settings.probes,
      outside: watch.outside,
      urgent: watch.state.mode !== 'healthy',
      before: {},
      memory: watch.probeMemory,
    },
    watch.abort,
  )
  const damageSeen = watch.indicators.damages.length > 0
  const facts = needsFacts(readings, damageSeen) ? await gatherFacts(watch) : undefined
  const assessment = assess(readings, facts)
  return { readings, assessment: await confirm(watch, assessment) }
}

function gatherFacts(watch: Watch): Promise<Facts> {
  const { recovery, stateDirectory } = watch.settings
  return examine(
    {
      cluster: watch.cluster,
      outside: watch.outside,
      memory: watch.factsMemory,
      log: watch.indicators,
      settings: {
        stallTimeoutMs: recovery.start.stallTimeoutMs,
        ballastBytes: recovery.disk.ballastBytes,
        logAgeMs: recovery.disk.logAgeMs,
        stateDirectory,
      },
    },
    watch.abort,
  )
}

/** What is to be acted on at once is looked at three times, milliseconds apart. */
async function confirm(watch: Watch, assessment: Assessment): Promise<Assessment> {
  if (assessment.plan !== 'restart' || assessment.strength !== 'proven') return assessment
  return (await confirmGone(watch.outside, watch.cluster.dataDirectory)) ? assessment : { ...assessment, strength: 'suspected' }
}

/** A recovery may begin while a look is awaited. */
function isRecovering(watch: Watch): boolean {
  return watch.recovery !== undefined
}

/** A recovery that a bug kept from beginning must not be waited for. */
async function endLostRecovery(watch: Watch): Promise<void> {
  if (watch.state.mode === 'recovering') await watch.apply({ type: 'recovery-failed' })
}

async function endPause(watch: Watch): Promise<void> {
  const { pause } = watch.state
  if (pause === null || pause.forMs === null) return
  if (elapsedMs(pause.since, instantOf(watch.outside.clock)) >= pause.forMs) await watch.apply({ type: 'pause-expired' })
}

/** A healthy tick ends what earlier lines of the log were evidence for. */
function settle(watch: Watch): void {
  watch.indicators = NO_INDICATORS
  watch.healthySinceWallMs ??= watch.outside.clock.wallMs()
}
