import type { Cluster } from '../../core/cluster.ts'
import type { BlockerPolicy, LockConflicts } from '../../core/sessions/lock-conflicts.ts'
import type { Crowd, SessionPolicy } from '../../core/sessions/session.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { Outside } from '../../ports/outside.ts'
import type { PostgresFailure, Session } from '../../ports/postgres.ts'
import type { ApplicationLogin } from './look-at-crowd.ts'
import { lookAtCrowd } from './look-at-crowd.ts'
import { readCrowdByTitles } from './crowd-by-titles.ts'
import { lookAtConflicts } from './look-at-conflicts.ts'
import { createWayIn } from './way-in.ts'
import type { WayIn } from './way-in.ts'

/** The part of the configuration that concerns sessions; the same shape as in `config.recovery`. */
export interface SessionPolicies {
  readonly sessions: SessionPolicy
  readonly blockers: Pick<BlockerPolicy, 'policy' | 'limitMs'>
}

/** Looks at the sessions of one cluster, for whoever has to act on them. */
export interface SessionSurvey extends WayIn {
  crowd(signal: AbortSignal): Promise<Crowd>
  /** Rejects with `OutsideError` when no superuser session could be had, or the server did not answer. */
  conflicts(signal: AbortSignal): Promise<LockConflicts>
}

export interface SurveyGround {
  readonly cluster: Pick<Cluster, 'dataDirectory' | 'majorVersion'>
  readonly outside: Outside
  readonly login: ApplicationLogin
  /** The session that the connection probe keeps open. */
  readonly held: () => Session | undefined
  /** Asked at each look, so that a reload counts. */
  readonly settings: () => SessionPolicies
}

export function createSessionSurvey({ cluster, outside, login, held, settings }: SurveyGround): SessionSurvey {
  const wayIn = createWayIn(outside.postgres, held)
  return {
    ...wayIn,
    async crowd(signal) {
      const { sessions: policy } = settings()
      const looked = await lookAtCrowd(wayIn, login, signal)
      if (looked.ok) return { ...looked.value, policy, doubt: '' }
      const sessions = readCrowdByTitles(outside.processes.postgresIn(cluster.dataDirectory))
      return { sessions, limits: [], policy, doubt: `${describeFailure(looked.failure)}, so only the titles of the processes tell` }
    },
    async conflicts(signal) {
      const { sessions, blockers } = settings()
      const looked = await lookAtConflicts(wayIn, cluster.majorVersion, signal)
      if (!looked.ok) throw cannotTell(looked.failure)
      return { ...looked.value, policy: { ...blockers, superusers: sessions.superusers, spareUsers: sessions.spareUsers } }
    },
  }
}

function describeFailure({ sqlState, message }: PostgresFailure): string {
  return `no superuser session could be had (${sqlState === undefined ? '' : `${sqlState} `}${message})`
}

function cannotTell(failure: PostgresFailure): OutsideError {
  const code = failure.sqlState ?? failure.kind
  return new OutsideError({ operation: 'tell', object: 'who waits for whom', code, reason: describeFailure(failure) })
}
