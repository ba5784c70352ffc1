import type { Readings } from '../reading.ts'
import type { BlockerPolicy } from './lock-conflicts.ts'

/**
 * Whether the connection probe saw a session wait for a lock for longer than the limit, though everything else may be well: an
 * application that is blocked by its own locks leaves the server in perfect health. A standby's waits are for its replay to settle.
 */
export function waitsForLock({ connection }: Readings, { policy, limitMs }: Pick<BlockerPolicy, 'policy' | 'limitMs'>): boolean {
  const { lockWaitMs, inRecovery } = connection.evidence
  return policy !== 'off' && inRecovery !== true && typeof lockWaitMs === 'number' && lockWaitMs >= limitMs
}
