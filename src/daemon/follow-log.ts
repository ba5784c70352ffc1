import type { LogIndicators } from '../core/facts.ts'
import { mergeIndicators, NO_INDICATORS, readIndicators } from '../core/postgres/log-indicators.ts'
import type { Watch } from './watch.ts'

/** Adds what the server logged since the last call to the watch's indicators, and returns what was new. */
export async function followLog(watch: Watch): Promise<LogIndicators> {
  const lines = await watch.serverLog.poll()
  const said = lines.length === 0 ? NO_INDICATORS : readIndicators(lines)
  if (lines.length > 0) watch.indicators = mergeIndicators(watch.indicators, said)
  return said
}
