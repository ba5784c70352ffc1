import type { VolumeUse } from '../ports/files.ts'

/** Room on one file system, and everything of the cluster that it holds. */
export interface Volume {
  readonly roles: readonly string[]
  /** The first place on it. */
  readonly path: string
  readonly use: VolumeUse
}
