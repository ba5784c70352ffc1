import type { Ladder } from '../ladder.ts'
import { defineLadder, wholeCluster } from '../ladder.ts'
import { continueStoppedProcesses } from './continue-stopped-processes.ts'

export const frozenLadder: Ladder = defineLadder({
  cause: 'frozen',
  step: 'apply-remedies',
  findTargets: wholeCluster,
  remedies: [continueStoppedProcesses],
})
