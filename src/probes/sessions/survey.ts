import type { Crowd, SessionPolicy } from '../../core/sessions/session.ts'
import type { Outside } from '../../ports/outside.ts'
import type { PostgresFailure, Session } from '../../ports/postgres.ts'
import type { ApplicationLogin } from './look-at-crowd.ts'
import { lookAtCrowd } from './look-at-crowd.ts'
import { readCrowdByTitles } from './crowd-by-titles.ts'
import { createWayIn } from './way-in.ts'
import type { WayIn } from './way-in.ts'

/** Looks at the sessions of one cluster, for whoever has to act on them. */
export interface SessionSurvey extends WayIn {
  crowd(signal: AbortSignal): Promise<Crowd>
}

export interface SurveyGround {
  readonly dataDirectory: string
  readonly outside: Outside
  readonly login: ApplicationLogin
  /** The session that the connection probe keeps open. */
  readonly held: () => Session | undefined
  /** Asked at each look, so that a reload counts. */
  readonly settings: () => { readonly sessions: SessionPolicy }
}

export function createSessionSurvey({ dataDirectory, outside, login, held, settings }: SurveyGround): SessionSurvey {
  const wayIn = createWayIn(outside.postgres, held)
  return {
    ...wayIn,
    async crowd(signal) {
      const { sessions: policy } = settings()
      const looked = await lookAtCrowd(wayIn, login, signal)
      if (looked.ok) return { ...looked.value, policy, doubt: '' }
      const sessions = readCrowdByTitles(outside.processes.postgresIn(dataDirectory))
      return { sessions, limits: [], policy, doubt: describeFailure(looked.failure) }
    },
  }
}

function describeFailure({ sqlState, message }: PostgresFailure): string {
  return `no superuser session could be had (${sqlState === undefined ? '' : `${sqlState} `}${message}), so only the titles of the processes tell`
}
