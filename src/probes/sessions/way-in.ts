import type { Answer, Postgres, Session } from '../../ports/postgres.ts'

/** A look at sessions must not itself wait for a lock on a catalog. */
const LOCK_TIMEOUT_MS = 1_000
const LOGIN_TIMEOUT_MS = 1_500
const SLOTS_TAKEN = '53300'

/**
 * Work in a superuser session, also where logins are refused or hang: a fresh one, or else the one that the connection probe keeps
 * open, which stays open.
 */
export interface WayIn {
  use<T>(signal: AbortSignal, work: (session: Session) => Promise<Answer<T>>): Promise<Answer<T>>
}

export function createWayIn(postgres: Postgres, held: () => Session | undefined): WayIn {
  return {
    async use(signal, work) {
      const settings = { lock_timeout: String(LOCK_TIMEOUT_MS) }
      const opened = await postgres.open({ role: 'superuser', timeoutMs: LOGIN_TIMEOUT_MS, purpose: 'sessions', settings }, signal)
      if (opened.ok) return useAndClose(opened.value, work)
      const session = held()
      const isLockedOut = opened.failure.sqlState === SLOTS_TAKEN || opened.failure.kind === 'timeout'
      if (!isLockedOut || session === undefined || signal.aborted) return opened
      const set = await session.query({ text: `set lock_timeout = ${LOCK_TIMEOUT_MS}`, timeoutMs: LOGIN_TIMEOUT_MS }, signal)
      return set.ok ? work(session) : set
    },
  }
}

async function useAndClose<T>(session: Session, work: (session: Session) => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}
