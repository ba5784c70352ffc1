import type { Diagnosis } from './diagnosis.ts'
import { quote } from './diagnosis.ts'

const SLOW_REASONS = ['too-slow', 'timeout']

export const slow: Diagnosis = {
  name: 'slow',
  examine({ readings, failed }) {
    if (readings.connection.verdict === 'fail' || readings.connection.verdict === 'unknown')
      return { ruledOut: 'new sessions are not served at all' }
    const late = failed.filter((reading) => SLOW_REASONS.includes(reading.reason ?? ''))
    if (late.length === 0 || late.length < failed.length) return { ruledOut: 'lateness does not explain what failed' }
    return { cause: 'slow', response: 'person', verdict: 'the server serves sessions, but answers too late', evidence: late.map(quote) }
  },
}
