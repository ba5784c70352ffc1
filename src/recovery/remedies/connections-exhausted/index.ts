import type { Ladder } from '../ladder.ts'
import { defineLadder, wholeCluster } from '../ladder.ts'
import { endActiveSessions } from './end-active-sessions.ts'
import { endIdleSessions } from './end-idle-sessions.ts'
import { endIdleTransactions } from './end-idle-transactions.ts'

export const connectionsExhaustedLadder: Ladder = defineLadder({
  cause: 'connections-exhausted',
  step: 'apply-remedies',
  findTargets: wholeCluster,
  remedies: [endIdleTransactions, endIdleSessions, endActiveSessions],
})
