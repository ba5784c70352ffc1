import type { PidFile } from './postmaster-pid.ts'

/**
 * `live` the file names a process of this cluster; `orphans` it does not, and yet the cluster has processes or attached
 * shared memory; `unknown` it cannot be told, so the file must stay; `stale` the file names nobody of this cluster;
 * `absent` neither file nor processes.
 */
export type PidFileJudgement = 'live' | 'orphans' | 'unknown' | 'stale' | 'absent'

export interface PidFileEvidence {
  readonly pidFile: PidFile
  /** The process with the file's pid; `undefined` when there is none or only a zombie. */
  readonly named:
    | {
        readonly executable: string | undefined
        readonly inDataDirectory: boolean | undefined
        /** It runs as another user than the data directory's owner, which PostgreSQL refuses to do. */
        readonly isOfAnotherUser?: boolean
      }
    | undefined
  /** Live processes called `postgres` whose working directory is the data directory, by device and inode. */
  readonly clusterPids: readonly number[]
  /** Processes attached to the shared memory segment of the file's line 7; 0 without one. */
  readonly attachments: number
  /** Processes of the data directory's owner that may not be looked at, and so might be the cluster's. */
  readonly unreadable: number
}

/**
 * Whether `postmaster.pid` still belongs to somebody. Everything must speak against that before it is `stale`: a server
 * started beside a living one destroys the cluster.
 */
export function judgePidFile(evidence: PidFileEvidence): PidFileJudgement {
  const { pidFile, named, clusterPids, attachments, unreadable } = evidence
  const pid = pidFile.kind === 'ok' || pidFile.kind === 'negative' ? pidFile.pid : undefined
  if (pid !== undefined && clusterPids.includes(pid)) return 'live'
  if (clusterPids.length > 0 || attachments > 0) return 'orphans'
  if (unreadable > 0 || (named !== undefined && mayBeOurs(named))) return 'unknown'
  return pidFile.kind === 'absent' ? 'absent' : 'stale'
}

function mayBeOurs(named: NonNullable<PidFileEvidence['named']>): boolean {
  if (named.isOfAnotherUser === true) return false
  if (named.executable === undefined) return true
  return named.executable.endsWith('/postgres') && named.inDataDirectory !== false
}
