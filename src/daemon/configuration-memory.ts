import type { Assessment } from '../core/cause.ts'

/** What is remembered of the server's configuration between two looks. */
export interface ConfigurationMemory {
  /** Of the files as last seen, and as last tried; `undefined` before the first look. */
  readonly seen: string | undefined
  readonly tried: string | undefined
  readonly warnings: Assessment['warnings']
  /** When the files were looked at, by the monotonic clock; `undefined` before the first look. */
  readonly markedMonotonicMs: number | undefined
}

export const NOT_SEEN: ConfigurationMemory = { seen: undefined, tried: undefined, warnings: [], markedMonotonicMs: undefined }
