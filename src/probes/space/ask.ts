import type { Outside } from '../../ports/outside.ts'
import type { Row, Session } from '../../ports/postgres.ts'

const OPEN_TIMEOUT_MS = 3_000
const STATEMENT_TIMEOUT_MS = 5_000
/** Nobody waits behind a lock for a curiosity, and a server that is given up on does not go on looking. */
const SETTINGS = { lock_timeout: '500', statement_timeout: '4500' }

/** Asks the server as the superuser, one session for each database. */
export interface Questioner {
  /** `undefined` when the server does not answer. */
  ask(text: string, database?: string): Promise<readonly Row[] | undefined>
  close(): Promise<void>
}

/** A database that did not answer once is not asked again. */
export function createQuestioner({ postgres }: Outside, signal: AbortSignal): Questioner {
  const sessions = new Map<string, Session | undefined>()

  async function sessionFor(database: string): Promise<Session | undefined> {
    if (sessions.has(database)) return sessions.get(database)
    const login = { role: 'superuser' as const, timeoutMs: OPEN_TIMEOUT_MS, purpose: 'space', settings: SETTINGS }
    const opened = await postgres.open(database === '' ? login : { ...login, database }, signal)
    const session = opened.ok ? opened.value : undefined
    sessions.set(database, session)
    return session
  }

  return {
    async ask(text, database = '') {
      const session = await sessionFor(database)
      const answer = await session?.query({ text, timeoutMs: STATEMENT_TIMEOUT_MS }, signal)
      if (answer?.ok === true) return answer.value
      if (answer?.failure.kind !== 'rejected') sessions.set(database, undefined)
      return undefined
    },
    async close() {
      await Promise.all([...sessions.values()].map(async (session) => session?.close()))
    },
  }
}
