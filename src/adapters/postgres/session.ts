import type { QueryArrayResult, QueryResult } from 'pg'
import type { Clock } from '../../ports/clock.ts'
import type { Answer, Row, Session, Statement } from '../../ports/postgres.ts'
import { describeError, describeTimeout } from './failure.ts'
import type { Link } from './link.ts'
import { within } from './within.ts'

/** Time for a polite end before the socket is destroyed. */
const CLOSE_TIMEOUT_MS = 1000

/** How much later than pgwatchd the server itself gives a statement up, should it not notice that the client is gone. */
export const BACKSTOP_MS = 1000

export interface SessionOptions {
  readonly link: Link
  readonly clock: Clock
  /** `statement_timeout` as set at the start of the session; `undefined` when the caller set its own. */
  readonly statementTimeoutMs: number | undefined
}

function rowsOf(result: QueryResult | QueryResult[] | QueryArrayResult): readonly Row[] {
  const last = Array.isArray(result) ? result.at(-1) : result
  return (last?.rows ?? []) as readonly Row[]
}

/** Wraps a connected link. */
export function createSession({ link, clock, statementTimeoutMs }: SessionOptions): Session {
  const { client } = link
  let backstopMs = statementTimeoutMs
  let closed = false

  async function runQuery(statement: Statement): Promise<readonly Row[]> {
    if (backstopMs !== undefined && statement.timeoutMs + BACKSTOP_MS > backstopMs) {
      backstopMs = statement.timeoutMs + BACKSTOP_MS
      await client.query(`set statement_timeout = ${Math.ceil(backstopMs)}`)
    }
    return rowsOf(await client.query({ text: statement.text, ...(statement.values ? { values: [...statement.values] } : {}) }))
  }

  async function query(statement: Statement, signal?: AbortSignal): Promise<Answer<readonly Row[]>> {
    const startedMs = clock.monotonicMs()
    const outcome = await within({ clock, timeoutMs: statement.timeoutMs, signal }, link.destroy, () => runQuery(statement))
    const tookMs = clock.monotonicMs() - startedMs
    if (outcome.ended === 'done') return { ok: true, value: outcome.value, tookMs }
    const failure =
      outcome.ended === 'error'
        ? describeError(outcome.error, 'query', link.lastWords())
        : describeTimeout('query', statement.timeoutMs, outcome.ended === 'aborted')
    return { ok: false, failure, tookMs }
  }

  async function close(): Promise<void> {
    closed = true
    if (link.ended()) return
    await within({ clock, timeoutMs: CLOSE_TIMEOUT_MS, signal: undefined }, link.destroy, () => client.end())
    link.destroy()
  }

  return {
    backendPid: (client as unknown as { processID: number | null }).processID ?? 0,
    query,
    onNotice: link.onNotice,
    onEnd(listener) {
      const tell = (): void => void (closed || listener())
      if (link.ended()) queueMicrotask(tell)
      else link.onEnd(tell)
    },
    close,
  }
}
