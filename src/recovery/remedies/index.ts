import type { Cause } from '../../core/cause.ts'
import { blockedLadder } from './blocked/index.ts'
import { connectionsExhaustedLadder } from './connections-exhausted/index.ts'
import { damagedLadder } from './damaged/index.ts'
import { diskFullLadder } from './disk-full/index.ts'
import { frozenLadder } from './frozen/index.ts'
import type { Ladder } from './ladder.ts'
import { unstartableLadder } from './unstartable/index.ts'

/**
 * From cause to remedies, the least invasive first. A cause without a ladder is told and left alone, or is one that the
 * pipeline's restart helps (`CAUSE_TABLE`).
 */
export const LADDERS: Partial<Readonly<Record<Cause, Ladder>>> = {
  frozen: frozenLadder,
  'connections-exhausted': connectionsExhaustedLadder,
  blocked: blockedLadder,
  damaged: damagedLadder,
  'disk-full': diskFullLadder,
  unstartable: unstartableLadder,
}
