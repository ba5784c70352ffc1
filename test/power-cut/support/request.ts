import type { FileSystem } from './loop-volume.ts'
import type { Protocol } from './protocol.ts'
import type { Finding } from './stores/store.ts'

export interface CutRequest {
  readonly fileSystem: FileSystem
  /** Its name. */
  readonly store: string
  readonly protocol: Protocol
  readonly cuts: number
  readonly seed: number
}

/** What one power cut left. */
export interface CutResult extends Finding {
  /** Operations acknowledged before it. */
  readonly acknowledged: number
}
