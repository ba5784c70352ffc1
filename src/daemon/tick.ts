import { assess, needsFacts, NO_SUSPICIONS } from '../core/assess.ts'
import type { Assessment } from '../core/cause.ts'
import { eventOf } from '../core/event.ts'
import type { Facts, LogIndicators } from '../core/facts.ts'
import { elapsedMs } from '../core/instant.ts'
import { NO_INDICATORS } from '../core/postgres/log-indicators.ts'
import type { Readings } from '../core/reading.ts'
import { waitsForLock } from '../core/sessions/lock-wait.ts'
import { examine } from '../probes/facts/examine.ts'
import { runProbes } from '../probes/run-probes.ts'
import { followDoubts, noticeChecksumFailures } from './check-integrity.ts'
import { confirmGone } from './confirm-gone.ts'
import { findHindrances, type HindranceGround } from '../recovery/hindrances/index.ts'
import { followLog } from './follow-log.ts'
import { foretellFullness } from './foretell-fullness.ts'
import { foretellRefusal } from './foretell-refusal.ts'
import { settleHold } from './hold.ts'
import { instantOf } from './instant-of.ts'
import { surveyOf } from './session-survey.ts'
import { CRASH_OF_SESSIONS, STORAGE_ERROR, tellWarnings } from './tell-warnings.ts'
import type { Watch } from './watch.ts'

/** One look at one cluster and what follows from it. Does nothing while a recovery is under way. */
export async function tick(watch: Watch): Promise<void> {
  await watch.applying
  if (isRecovering(watch)) return
  await endLostRecovery(watch)
  await endPause(watch)
  const { readings, assessment, indicators } = await look(watch)
  watch.readings = readings
  watch.assessment = assessment
  watch.lastTickWallMs = watch.outside.clock.wallMs()
  watch.lastTickMonotonicMs = watch.outside.clock.monotonicMs()
  if (isRecovering(watch)) return
  await watch.apply(eventOf(assessment))
  if (!isRecovering(watch)) await settleHold(watch)
  if (watch.state.mode === 'healthy') settle(watch, indicators)
  else watch.healthySinceWallMs = undefined
  await tellWarnings(watch, assessment)
}

/** What one look came to. */
export interface Seen {
  /** What the server's log had said when it began. */
  readonly indicators: LogIndicators
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
  const readings = await runProbes(probing(watch), watch.abort)
  if (needsFacts(readings, NO_SUSPICIONS)) await followLog(watch)
  const { indicators } = watch
  const suspicions = { damage: indicators.damages.length > 0, locks: waitsForLock(readings, watch.settings.recovery.blockers) }
  const facts = needsFacts(readings, suspicions) ? await gatherFacts(watch, readings, indicators) : undefined
  const assessment = await confirm(watch, assess(readings, facts))
  const warned = { ...assessment, warnings: [...assessment.warnings, ...(await foretell(watch, readings))] }
  return { readings, indicators, assessment: withStorageError(withCrashOfSessions(warned, readings, indicators), indicators) }
}

/** What is well now and will not stay so. */
async function foretell(watch: Watch, readings: Readings): Promise<Assessment['warnings']> {
  const serves = readings.connection.verdict === 'pass' || readings.connection.verdict === 'warn'
  if (serves) followDoubts(watch)
  if (serves) watch.factsMemory.servedMonotonicMs = watch.outside.clock.monotonicMs()
  return [...noticeChecksumFailures(watch, readings), ...(await foretellFullness(watch)), ...(await foretellRefusal(watch, serves))]
}

function probing(watch: Watch): Parameters<typeof runProbes>[0] {
  const { cluster, outside, settings, probeMemory } = watch
  return {
    cluster,
    settings: settings.probes,
    outside,
    urgent: watch.state.mode !== 'healthy' || watch.indicators.outOfSpace || watch.indicators.quotaExceeded,
    before: {},
    memory: probeMemory,
  }
}

/**
 * PostgreSQL ends every session and recovers by itself when one server process crashes (an out-of-memory kill): nothing is
 * to be done, and a person should know. The log alone is not believed: its lines can be written by any user.
 */
function withCrashOfSessions(assessment: Assessment, readings: Readings, indicators: LogIndicators): Assessment {
  const lost = assessment.cause === 'starting' || readings.connection.evidence['heldSessionLost'] === true
  if (!indicators.backendCrashed || !lost) return assessment
  const sentence = 'a server process crashed, and PostgreSQL ended every session and recovered by itself; see its log'
  return { ...assessment, warnings: [...assessment.warnings, { key: CRASH_OF_SESSIONS, sentence }] }
}

/** A server that ends itself over a failed fsync comes back by itself and serves; its storage is suspect all the same. */
function withStorageError(assessment: Assessment, { ioError, panics }: LogIndicators): Assessment {
  if (!ioError || assessment.response !== 'none') return assessment
  const words = panics[0] === undefined ? '' : ` ("${panics[0]}")`
  const sentence = `the server reported an error of its storage${words} and serves again: the hardware is suspect, see sudo dmesg -T`
  return { ...assessment, warnings: [...assessment.warnings, { key: STORAGE_ERROR, sentence }] }
}

function gatherFacts(watch: Watch, readings: Readings, log: LogIndicators): Promise<Facts> {
  const { recovery, stateDirectory } = watch.settings
  return examine(
    {
      cluster: watch.cluster,
      outside: watch.outside,
      memory: watch.factsMemory,
      log,
      findHindrances: () => findHindrances(hindranceGround(watch)),
      sessions: { readings, survey: surveyOf(watch), policies: recovery },
      settings: {
        stallTimeoutMs: recovery.start.stallTimeoutMs,
        logAgeMs: recovery.disk.logAgeMs,
        stateDirectory,
      },
    },
    watch.abort,
  )
}

function hindranceGround({ cluster, outside, state, incidents }: Watch): HindranceGround {
  return { cluster, outside, incidentDirectory: state.incidentId === null ? undefined : incidents.directoryOf(state.incidentId) }
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

/** A healthy tick ends what the lines that it looked at were evidence for; what came since is for the next one. */
function settle(watch: Watch, looked: LogIndicators): void {
  if (watch.indicators === looked) watch.indicators = NO_INDICATORS
  watch.healthySinceWallMs ??= watch.outside.clock.wallMs()
}
