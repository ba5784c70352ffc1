import { describeRoot } from '../sessions/describe-conflicts.ts'
import { findRoots } from '../sessions/lock-conflicts.ts'
import type { Diagnosis } from './diagnosis.ts'
import { quote } from './diagnosis.ts'

const SLOW_REASONS = ['too-slow', 'timeout']

export const slow: Diagnosis = {
  name: 'slow',
  examine({ readings, failed, facts: { conflicts } }) {
    if (readings.connection.verdict === 'fail' || readings.connection.verdict === 'unknown')
      return { ruledOut: 'new sessions are not served at all' }
    const late = failed.filter((reading) => SLOW_REASONS.includes(reading.reason ?? ''))
    if (late.length === 0 || late.length < failed.length) return { ruledOut: 'lateness does not explain what failed' }
    const waits = conflicts.status === 'found' ? findRoots(conflicts.value).slice(0, 2).flatMap(describeRoot) : []
    const evidence = [...late.map(quote), ...waits]
    return { cause: 'slow', response: 'person', verdict: 'the server serves sessions, but answers too late', evidence }
  },
}
