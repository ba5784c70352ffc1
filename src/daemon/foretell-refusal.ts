import type { Assessment } from '../core/cause.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { markConfiguration } from '../probes/facts/configuration-files.ts'
import type { ConfigurationMemory } from './configuration-memory.ts'
import { findRefusals } from './find-refusals.ts'
import type { Watch } from './watch.ts'

type Warnings = Assessment['warnings']

/** A look costs a call for each file; what a restart would meet is told soon enough a minute later. */
const MARK_INTERVAL_MS = 60_000

/**
 * The warning that a server which runs would refuse its configuration at its next start. Only a change makes it be tried, once
 * the files have stayed the same for two looks: in steady state nothing is started. Never rejects for what the outside does.
 */
export async function foretellRefusal(watch: Watch, serves: boolean): Promise<Warnings> {
  const nowMs = watch.outside.clock.monotonicMs()
  if (!serves || !isDue(watch.configuration, nowMs)) return watch.configuration.warnings
  try {
    const mark = await markConfiguration(watch.cluster, watch.outside.files)
    watch.configuration = { ...(await notice(watch, mark)), markedMonotonicMs: nowMs }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
  }
  return watch.configuration.warnings
}

/** A change that was seen and not yet tried is followed at every look. */
function isDue({ seen, tried, markedMonotonicMs }: ConfigurationMemory, nowMs: number): boolean {
  return seen !== tried || markedMonotonicMs === undefined || nowMs - markedMonotonicMs >= MARK_INTERVAL_MS
}

async function notice(watch: Watch, mark: string): Promise<Omit<ConfigurationMemory, 'markedMonotonicMs'>> {
  const { seen, tried, warnings } = watch.configuration
  if (seen === undefined) return { seen: mark, tried: mark, warnings }
  if (mark === tried || mark !== seen) return { seen: mark, tried, warnings }
  return { seen: mark, tried: mark, warnings: toWarnings(await findRefusals(watch)) }
}

function toWarnings(faults: readonly string[]): Warnings {
  if (faults.length === 0) return []
  return [{ key: 'configuration:refused', sentence: `the configuration was changed, and the next start would fail: ${faults.join('; ')}` }]
}
