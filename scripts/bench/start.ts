import { startDaemon } from './daemon.ts'
import type { Stage } from './stage.ts'
import { median } from './measurement.ts'
import type { Measurement } from './measurement.ts'

const STARTS = 5
const BAR_MS = 1000

/** Starts and stops the daemon: once with an empty cache of compiled code, and then as at every later start. */
export async function measureStart(stage: Stage): Promise<readonly Measurement[]> {
  const tookMs: number[] = []
  for (let start = 0; start <= STARTS; start++) {
    const daemon = await startDaemon(stage, stage.config)
    tookMs.push(daemon.firstVerdictMs)
    await daemon.stop()
  }
  const [first = NaN, ...later] = tookMs
  const to = 'exec to the end of the first look'
  return [
    { name: 'start to first verdict, first ever', value: first, bar: BAR_MS, unit: 'ms', how: `${to}, nothing cached` },
    { name: 'start to first verdict', value: median(later), bar: BAR_MS, unit: 'ms', how: `${to}, median of ${STARTS}` },
  ]
}
