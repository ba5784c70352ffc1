import { brokenConfiguration } from './broken-configuration.ts'
import { cleanStop } from './clean-stop.ts'
import { connectionsExhausted } from './connections-exhausted.ts'
import type { Damage } from './damage.ts'
import { frozen } from './frozen.ts'
import { fullVolume } from './full-volume.ts'
import { fullVolumeWithBallast } from './full-volume-with-ballast.ts'
import { heapPage } from './heap-page.ts'
import { indexPage } from './index-page.ts'
import { killed } from './killed.ts'
import { leftOverSignal } from './left-over-signal.ts'
import { missingDirectory } from './missing-directory.ts'
import { orphanedBackend } from './orphaned-backend.ts'
import { stalePidFile } from './stale-pid-file.ts'
import { visibilityMap } from './visibility-map.ts'
import { wrongPermissions } from './wrong-permissions.ts'

/** Every kind of damage that the matrix knows. */
export const DAMAGES: readonly Damage[] = [
  killed,
  stalePidFile,
  orphanedBackend,
  frozen,
  cleanStop,
  connectionsExhausted,
  fullVolume,
  fullVolumeWithBallast,
  heapPage,
  indexPage,
  visibilityMap,
  brokenConfiguration,
  wrongPermissions,
  missingDirectory,
  leftOverSignal,
]
