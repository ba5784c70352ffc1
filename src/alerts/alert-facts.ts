import type { Alert, AlertKind, TimelineEntry } from '../core/alert.ts'
import type { Assessment } from '../core/cause.ts'
import type { Cluster } from '../core/cluster.ts'
import type { SpaceHolder } from '../core/disk/holder.ts'
import type { Incident } from '../core/incident.ts'

/** What an attempt came to; the same shape as a part of the pipeline's outcome. */
export interface RecoveryOutcome {
  readonly why: string
  readonly step: string | undefined
  readonly done: readonly string[]
  readonly notDone: readonly string[]
  readonly notUndone: readonly string[]
}

export interface AttemptFacts {
  /** Attempts begun within the window, this one included. */
  readonly used: number
  readonly allowed: number
  readonly windowMs: number
}

export interface LoginFacts {
  readonly user: string
  readonly database: string
  /** `28P01`; empty when unknown. */
  readonly sqlState: string
}

/** Everything that alerts are made of, as plain data. Each kind uses what it needs and copes with what is missing. */
export interface AlertFacts {
  readonly kind: AlertKind
  readonly host: string
  readonly wallMs: number
  /** `undefined` for the daemon's own matters. */
  readonly cluster?: Cluster | undefined
  readonly incident?: Incident | undefined
  readonly assessment?: Assessment | undefined
  readonly outcome?: RecoveryOutcome | undefined
  readonly attempts?: AttemptFacts | undefined
  /** pgwatchd is configured to watch and tell only. */
  readonly onlyObserves?: boolean | undefined
  /** Without service so far, or in all. */
  readonly downtimeMs?: number | undefined
  /** When pgwatchd acts next: the next attempt, the end of an operator's grace; `undefined`: not by itself. */
  readonly nextActWallMs?: number | undefined
  /** The application's login, for a refused one. */
  readonly login?: LoginFacts | undefined
  /** A warning, or what could not be saved: a stable key and a sentence. */
  readonly matter?: { readonly key: string; readonly sentence: string } | undefined
  /** Further sentences, such as the mistakes in a refused configuration. */
  readonly details?: readonly string[] | undefined
  readonly logTail?: readonly string[] | undefined
  /** Who holds the space, the most first, where that is the matter. */
  readonly holders?: readonly SpaceHolder[] | undefined
  /** Instead of the incident's. */
  readonly timeline?: readonly TimelineEntry[] | undefined
}

/** What one kind adds to, or puts in place of, what every alert has. */
export type Telling = Partial<
  Pick<Alert, 'severity' | 'headline' | 'verdict' | 'evidence' | 'done' | 'notDone' | 'nextCommands' | 'repeatKey'>
>
