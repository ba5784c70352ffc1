import type { Cluster } from '../../core/cluster.ts'
import type { ControlFile } from '../../core/facts.ts'
import type { Hindrance } from '../../core/hindrance.ts'
import type { ControlFileReading } from '../../core/postgres/control-file.ts'
import type { FileStatus } from '../../ports/files.ts'
import type { Outside } from '../../ports/outside.ts'

/** What is needed to look for hindrances. */
export interface HindranceGround {
  readonly cluster: Cluster
  readonly outside: Outside
  /** Of the incident under way; `undefined` outside one. */
  readonly incidentDirectory: string | undefined
}

/** A data directory that is there and may be looked at. */
export interface Inspected extends HindranceGround {
  readonly directory: FileStatus
  readonly names: readonly string[]
  /** `undefined`: there is no such file. */
  readonly control: ControlFileReading | undefined
  /** `undefined` where it is missing or cannot be read as one. */
  readonly controlFile: ControlFile | undefined
}

/** Looks for one kind of hindrance, and changes nothing. Rejects with `OutsideError`. */
export type Finder = (ground: Inspected) => Promise<readonly Hindrance[]>

/** A hindrance that only a person can end. */
export function unstartable(
  place: string,
  sentence: string,
  more: Partial<Pick<Hindrance, 'evidence' | 'commands' | 'mend'>> = {},
): Hindrance {
  return { cause: 'unstartable', place, sentence, evidence: [], commands: [], ...more }
}

/** Mode for a new directory or file of the server: as initdb's `--allow-group-access` has it where the data directory does. */
export function modesFor({ mode }: Pick<FileStatus, 'mode'>): { readonly directory: number; readonly file: number } {
  return mode === 0o750 ? { directory: 0o750, file: 0o640 } : { directory: 0o700, file: 0o600 }
}
