import type { BackupKind } from '../core/backup/manifest.ts'
import type { ProbeName } from '../core/reading.ts'
import type { SessionPolicy } from '../core/sessions/session.ts'

/** Where a password comes from; never the password itself in the file. At most one is set. */
export interface SecretSource {
  readonly file: string | undefined
  /** Name of a systemd credential (`LoadCredential=`), read from `$CREDENTIALS_DIRECTORY`. */
  readonly credential: string | undefined
  /** Name of an environment variable. */
  readonly environment: string | undefined
}

export interface LoginConfig {
  readonly user: string
  readonly database: string
  /** Host or socket directory; empty: the cluster's socket directory. */
  readonly host: string
  readonly password: SecretSource
}

/** One entry of `clusters`; `undefined` is filled in by discovery. */
export interface ClusterConfig {
  readonly name: string
  readonly dataDirectory: string | undefined
  readonly binaryDirectory: string | undefined
  readonly socketDirectory: string | undefined
  readonly port: number | undefined
  readonly configFile: string | undefined
  readonly logFile: string | undefined
  readonly serviceManager: 'systemd' | 'pg_ctl'
  readonly unit: string | undefined
  readonly superuser: LoginConfig
  /** `undefined`: no application user is watched. */
  readonly application: LoginConfig | undefined
  /** A physical standby, of which whole pages are copied; `undefined`: none is known. */
  readonly standby: (LoginConfig & { readonly port: number }) | undefined
  /** A directory of archived WAL files; `undefined`: none is known. */
  readonly walArchive: string | undefined
}

/** How backups are made, proved and kept. Schedules are crontab's five fields; empty: never. */
export interface BackupConfig {
  readonly kind: BackupKind | 'none'
  readonly directory: string
  readonly schedule: string
  readonly verifySchedule: string
  readonly drillSchedule: string
  readonly pruneSchedule: string
  readonly timeZone: string
  readonly jitterMs: number
  readonly timeoutMs: number
  readonly jobs: number
  /** Per second; 0: no limit. */
  readonly rateLimitBytes: number
  readonly keepMs: number
  readonly keepCount: number
  readonly warnRatio: number
  readonly maximumAgeMs: number
  readonly drillMaximumAgeMs: number
}

/** The whole of `/etc/pgwatch.yaml`, typed, with defaults filled in. Durations in milliseconds, sizes in bytes, percentages as ratios. */
export interface Config {
  /** `undefined`: discover Debian's clusters. */
  readonly clusters: readonly ClusterConfig[] | undefined
  readonly watch: {
    readonly intervalMs: number
    readonly confirmIntervalMs: number
    readonly failures: number
    readonly operatorStop: { readonly action: 'recover' | 'hold'; readonly graceMs: number }
  }
  readonly probes: {
    readonly timeoutMs: Readonly<Record<ProbeName, number>>
    readonly latencyLimitMs: number
    readonly writeIntervalMs: number
    readonly disk: { readonly warnRatio: number; readonly failRatio: number; readonly horizonMs: number }
  }
  readonly recovery: {
    /** `observe`: everything is assessed and told, nothing is done. */
    readonly mode: 'act' | 'observe'
    readonly attempts: number
    readonly windowMs: number
    readonly cooldownMs: number
    readonly cooldownMaxMs: number
    readonly stop: { readonly smartTimeoutMs: number; readonly fastTimeoutMs: number; readonly immediateTimeoutMs: number; readonly killTimeoutMs: number }
    readonly start: { readonly stallTimeoutMs: number; readonly requestTimeoutMs: number }
    readonly wal: { readonly checkBudgetMs: number }
    readonly checksums: {
      readonly check: 'on-evidence' | 'always' | 'never'
      readonly budgetMs: number
      /** Crontab's five fields, UTC; empty: never by the calendar. */
      readonly onlineSchedule: string
    }
    readonly repair: {
      readonly zeroDamagedPages: boolean
      readonly replayWal: boolean
      readonly restamp: boolean
      readonly stopForCatalogs: boolean
      readonly maxRelationBytes: number
      readonly statementTimeoutMs: number
    }
    readonly sessions: SessionPolicy
    readonly blockers: { readonly policy: 'off' | 'observe' | 'act'; readonly limitMs: number }
    readonly disk: {
      readonly ballastBytes: number
      readonly walBallastBytes: number
      readonly tablespaceBallastBytes: number
      readonly logAgeMs: number
    }
  }
  readonly backup: BackupConfig
  readonly alerts: {
    /** Repeats of one alert are held back for this long, with a count. */
    readonly repeatIntervalMs: number
    readonly minimumSeverity: 'CRITICAL' | 'ERROR' | 'WARNING' | 'SUCCESS' | 'INFO'
    /** `undefined`: no mail; alerts go to the journal only. */
    readonly mail:
      | {
          readonly from: string
          readonly to: readonly string[]
          readonly smtp: {
            readonly host: string
            readonly port: number
            readonly security: 'none' | 'starttls' | 'tls'
            readonly user: string
            readonly password: SecretSource
            readonly timeoutMs: number
          }
        }
      | undefined
    /** Calendar schedule (cron, UTC) of a summary mail; empty: none. */
    readonly summarySchedule: string
  }
  readonly log: {
    readonly format: 'auto' | 'json' | 'journal' | 'pretty'
    readonly level: 'debug' | 'info' | 'notice' | 'warning' | 'err' | 'crit'
    readonly heartbeatMs: number
  }
  readonly incidents: { readonly keepMs: number; readonly keepCount: number }
  readonly stateDirectory: string
  readonly runtimeDirectory: string
}

/** A mistake in the file, placed so that an editor can jump to it. */
export interface ConfigProblem {
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  /** "probes.timeot: unknown key; did you mean timeout?" */
  readonly message: string
}

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly ConfigProblem[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }
