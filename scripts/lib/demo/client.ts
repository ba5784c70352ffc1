import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { DemoCluster } from './cluster.ts'
import type { Narrator } from './narrator.ts'

/** An application that knows nothing of pgwatchd: it logs in and writes, again and again. */
export interface Client {
  /** Forgets earlier outages. */
  reset(): void
  /** Milliseconds from the last success before the first failure since `reset` to the first success after the last one; 0 when nothing failed. */
  outageMs(): number
  isServed(): boolean
  stop(): Promise<void>
}

const PAUSE_MS = 50
const TIMEOUT_MS = 1_000

/** How the application `app` logs in. */
export function loginOf(cluster: DemoCluster, user: 'app' | 'postgres' = 'app') {
  return {
    host: cluster.socketDirectory,
    port: cluster.port,
    user,
    database: 'app',
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  }
}

/** A fresh session and one write; rejects when either fails. */
async function useOnce(cluster: DemoCluster): Promise<void> {
  const session = new pg.Client(loginOf(cluster))
  session.on('error', () => undefined)
  try {
    await session.connect()
    await session.query('update visits set number = number + 1')
  } finally {
    void session.end().catch(() => undefined)
  }
}

/** Creates what the application writes to. */
async function prepare(cluster: DemoCluster): Promise<void> {
  const session = new pg.Client(loginOf(cluster))
  await session.connect()
  await session.query('create table visits (number bigint not null); insert into visits values (0)')
  await session.end()
}

/** Starts the application's work; it goes on until `stop`. */
export async function startClient(cluster: DemoCluster, narrator: Narrator): Promise<Client> {
  await prepare(cluster)
  const stopping = new AbortController()
  let lastSuccessMs = performance.now()
  let outage: { beganMs: number; endedMs: number | undefined } | undefined

  function succeed(): void {
    lastSuccessMs = performance.now()
    if (outage === undefined || outage.endedMs !== undefined) return
    outage.endedMs = lastSuccessMs
    narrator.tell('client', `is served again, after ${((outage.endedMs - outage.beganMs) / 1_000).toFixed(2)} s`)
  }

  function fail(error: unknown): void {
    if (outage !== undefined && outage.endedMs === undefined) return
    outage = { beganMs: outage?.beganMs ?? lastSuccessMs, endedMs: undefined }
    narrator.tell('client', `is not served: ${error instanceof Error ? error.message : String(error)}`)
  }

  const working = (async () => {
    while (!stopping.signal.aborted) {
      await useOnce(cluster).then(succeed, fail)
      await sleep(PAUSE_MS)
    }
  })()
  return {
    reset: () => void (outage = undefined),
    outageMs: () => (outage === undefined ? 0 : (outage.endedMs ?? performance.now()) - outage.beganMs),
    isServed: () => outage === undefined || outage.endedMs !== undefined,
    async stop() {
      stopping.abort()
      await working
    },
  }
}
