import pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TestCluster } from './cluster.ts'

const CLIENTS = 4
const PAUSE_MS = 2
const TIMEOUT_MS = 5000

/** What the clients went through. */
export interface Suffered {
  /** The longest time without any answer to any client. */
  readonly longestGapMs: number
  readonly answers: number
}

/** Clients that ask the database `app` again and again, and log in anew when they are cut off, until `stop`. */
export function hammer(server: TestCluster): { stop(): Promise<Suffered> } {
  const controller = new AbortController()
  const answeredMs: number[] = [performance.now()]
  const clients = Array.from({ length: CLIENTS }, () => askOn(server, controller.signal, () => void answeredMs.push(performance.now())))
  return {
    async stop() {
      controller.abort()
      await Promise.all(clients)
      answeredMs.push(performance.now())
      const gaps = answeredMs.slice(1).map((atMs, index) => atMs - (answeredMs[index] ?? atMs))
      return { longestGapMs: Math.max(...gaps), answers: answeredMs.length - 2 }
    },
  }
}

async function askOn(server: TestCluster, signal: AbortSignal, answered: () => void): Promise<void> {
  while (!signal.aborted) await askInOneSession(server, signal, answered).catch(() => sleep(PAUSE_MS))
}

async function askInOneSession({ cluster }: TestCluster, signal: AbortSignal, answered: () => void): Promise<void> {
  const { socketDirectory: host, port } = cluster
  const limits = { connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS }
  const session = new pg.Client({ host, port, user: 'postgres', database: 'app', ...limits })
  session.on('error', () => undefined)
  try {
    await session.connect()
    while (!signal.aborted) {
      await session.query('select 1')
      answered()
      await sleep(PAUSE_MS)
    }
  } finally {
    await session.end().catch(() => undefined)
  }
}
