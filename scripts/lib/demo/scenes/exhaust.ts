import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { loginOf } from '../client.ts'
import type { DemoCluster } from '../cluster.ts'
import type { Scene } from '../scene.ts'
import { linesSince, until, untilOver } from '../scene.ts'

const PAUSE_MS = 20

/** Takes every slot, also one that is free for a moment, until `enough`; resolves to the open sessions. */
async function hoard(cluster: DemoCluster, enough: AbortSignal): Promise<readonly pg.Client[]> {
  const sessions: pg.Client[] = []
  while (!enough.aborted) {
    const session = new pg.Client(loginOf(cluster))
    session.on('error', () => undefined)
    try {
      await session.connect()
      sessions.push(session)
    } catch {
      await sleep(PAUSE_MS)
    }
  }
  return sessions
}

async function countAlive(sessions: readonly pg.Client[]): Promise<number> {
  const answers = await Promise.allSettled(sessions.map((session) => session.query('select 1')))
  return answers.filter(({ status }) => status === 'fulfilled').length
}

/** Every connection slot is taken: a restart would end all sessions to let one in. */
export const exhaust: Scene = {
  title: 'The connections are used up',
  obstacle: () => '',
  async play(stage) {
    const { cluster, narrator } = stage
    const pid = cluster.postmasterPid()
    const beganMs = performance.now()
    narrator.tell('demo', 'an application opens sessions, keeps them, and never has enough')
    const enough = new AbortController()
    const hoarding = hoard(cluster, enough.signal)
    const told = () => linesSince(stage, beganMs).some(({ event }) => event.startsWith('alert-'))
    await until('pgwatchd tells of it', 15_000, told)
    enough.abort()
    const sessions = await hoarding
    const alive = await countAlive(sessions)
    narrator.tell('demo', `${alive} of ${sessions.length} sessions still answer; the application ends them now`)
    await Promise.all(sessions.map((session) => session.end()))
    await untilOver(stage, beganMs, 15_000)
    const restart = cluster.postmasterPid() === pid ? 'was not restarted' : 'WAS RESTARTED'
    return {
      broke: `${sessions.length} sessions took every slot`,
      remark: `${alive} of ${sessions.length} sessions survived; the server ${restart}`,
    }
  },
}
