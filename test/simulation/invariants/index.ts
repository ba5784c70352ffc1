import { alive } from './alive.ts'
import { bounded } from './bounded.ts'
import { counted } from './counted.ts'
import { fsyncOnce } from './fsync-once.ts'
import { handsOff } from './hands-off.ts'
import type { Invariant } from './invariant.ts'
import { keptPromises } from './kept-promises.ts'
import { letGo } from './let-go.ts'
import { mailKept } from './mail-kept.ts'
import { noBug } from './no-bug.ts'
import { noHarm } from './no-harm.ts'
import { settled } from './settled.ts'
import { stateKept } from './state-kept.ts'
import { writtenAhead } from './written-ahead.ts'

/** All are watched in every run. */
export const INVARIANTS: readonly Invariant[] = [
  noHarm,
  writtenAhead,
  counted,
  handsOff,
  keptPromises,
  stateKept,
  fsyncOnce,
  letGo,
  mailKept,
  bounded,
  alive,
  noBug,
  settled,
]
