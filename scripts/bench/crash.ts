import pg from 'pg'
import { setTimeout as sleep } from 'node:timers/promises'
import { APPLICATION_PASSWORD } from '../../test/support/cluster.ts'
import type { TestCluster } from '../../test/support/cluster.ts'
import { startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { median } from './measurement.ts'
import type { Measurement } from './measurement.ts'
import type { Stage } from './stage.ts'

const CRASHES = 10
const POLL_MS = 5
const TIMEOUT_MS = 1000
/** Between two crashes: the daemon is back in its calm interval, and the checkpoint after recovery is done. */
const PAUSE_MS = 3000
const BAR_NOTICE_MS = 300

/** A login and a query as the application; false when either fails. */
async function isServed({ cluster }: TestCluster): Promise<boolean> {
  const session = new pg.Client({
    host: cluster.socketDirectory,
    port: cluster.port,
    user: 'app',
    database: 'app',
    password: APPLICATION_PASSWORD,
    connectionTimeoutMillis: TIMEOUT_MS,
    query_timeout: TIMEOUT_MS,
  })
  session.on('error', () => undefined)
  try {
    await session.connect()
    await session.query('select')
    return true
  } catch {
    return false
  } finally {
    void session.end().catch(() => undefined)
  }
}

/** The time of day at which the server serves again. */
async function waitUntilServed(server: TestCluster): Promise<number> {
  while (!(await isServed(server))) await sleep(POLL_MS)
  return Date.now()
}

/** Milliseconds from the kill to the daemon's first word about it, and to the first session that is served. */
async function crashOnce(server: TestCluster, daemon: Daemon): Promise<{ noticeMs: number; serveMs: number }> {
  const killedWallMs = Date.now()
  await server.signalPostmaster('SIGKILL')
  const [noticed, servedWallMs] = await Promise.all([
    daemon.waitFor(({ event }) => event.startsWith('mode-'), killedWallMs),
    waitUntilServed(server),
  ])
  await daemon.waitFor(({ event }) => event === 'mode-healthy', killedWallMs)
  return { noticeMs: noticed.wallMs - killedWallMs, serveMs: servedWallMs - killedWallMs }
}

/** SIGKILL of the postmaster, again and again. */
export async function measureCrash(stage: Stage): Promise<readonly Measurement[]> {
  const daemon = await startDaemon(stage, stage.crashConfig)
  const crashes: { noticeMs: number; serveMs: number }[] = []
  for (let crash = 0; crash < CRASHES; crash++) {
    await sleep(PAUSE_MS)
    crashes.push(await crashOnce(stage.server, daemon))
  }
  await daemon.stop()
  const notice = crashes.map(({ noticeMs }) => noticeMs)
  const serve = crashes.map(({ serveMs }) => serveMs)
  const spread = (values: readonly number[]): string => `median of ${CRASHES}, ${Math.min(...values)} to ${Math.max(...values)}`
  return [
    {
      name: 'crash to noticed',
      value: median(notice),
      bar: BAR_NOTICE_MS,
      unit: 'ms',
      how: `SIGKILL to the journal's line, ${spread(notice)}`,
    },
    {
      name: 'crash to served',
      value: median(serve),
      bar: undefined,
      unit: 'ms',
      how: `SIGKILL to another client's session, ${spread(serve)}`,
    },
  ]
}
