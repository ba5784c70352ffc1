import { blocked } from './blocked.ts'
import { cannotBeStopped } from './cannot-be-stopped.ts'
import { configurationBroken } from './configuration-broken.ts'
import { connectionsExhausted } from './connections-exhausted.ts'
import { crashed } from './crashed.ts'
import { damaged } from './damaged.ts'
import type { Diagnosis } from './diagnosis.ts'
import { diskFaulty } from './disk-faulty.ts'
import { diskFull } from './disk-full.ts'
import { frozen } from './frozen.ts'
import { notOurs } from './not-ours.ts'
import { authBroken } from './refused-login.ts'
import { slow } from './slow.ts'
import { standby } from './standby.ts'
import { starting } from './starting.ts'
import { stoppedByOperator } from './stopped-by-operator.ts'
import { storageHangs } from './storage-hangs.ts'
import { unstartable } from './unstartable.ts'
import { untraced } from './untraced.ts'
import { walDamaged } from './wal-damaged.ts'

/** Tried top to bottom; what forbids acting comes before what asks for it, the more special before the more general. */
export const DIAGNOSES: readonly Diagnosis[] = [
  notOurs,
  cannotBeStopped,
  standby,
  walDamaged,
  stoppedByOperator,
  starting,
  unstartable,
  untraced,
  diskFull,
  configurationBroken,
  diskFaulty,
  damaged,
  crashed,
  frozen,
  storageHangs,
  connectionsExhausted,
  authBroken,
  blocked,
  slow,
]
