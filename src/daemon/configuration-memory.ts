import type { Assessment } from '../core/cause.ts'

/** What is remembered of the server's configuration between two looks. */
export interface ConfigurationMemory {
  /** Of the files as last seen, and as last tried; `undefined` before the first look. */
  readonly seen: string | undefined
  readonly tried: string | undefined
  readonly warnings: Assessment['warnings']
}

export const NOT_SEEN: ConfigurationMemory = { seen: undefined, tried: undefined, warnings: [] }
