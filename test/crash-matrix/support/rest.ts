import { setTimeout as sleep } from 'node:timers/promises'
import type { Daemon } from './daemon.ts'
import type { Made } from './damages/damage.ts'
import type { Stage } from './stage.ts'
import { readSubjects } from './verdict.ts'

/** How a wait for rest ended. */
export type Rest = 'healthy' | 'ended' | 'restless'

const WITHIN_MS = 30_000
const LOOK_EVERY_MS = 30
const ANSWER_WITHIN_MS = 1000
/** What the server logs before pgwatchd follows its log is not read. */
const FOLLOWS_LOG_AFTER_MS = 500

/** The world around one damage: the application goes on working, and a person acts once, when called. */
export interface Surroundings {
  /** Resolves when the daemon finds all well and the application is served, has ended, or has not come to rest in half a minute. */
  waitForRest(daemon: Daemon): Promise<Rest>
}

export function createSurroundings(stage: Stage, made: Made): Surroundings {
  let acted = false
  const callPerson = async (): Promise<void> => {
    const { person } = made
    if (acted || person === undefined || !readSubjects(stage).some((subject) => person.told.test(subject))) return
    acted = true
    await person.act()
  }
  /** A server that hangs answers nobody: what was asked of it is left behind. */
  const isServed = (): Promise<boolean> => {
    const used = (made.use ?? (() => stage.server.psql('select 1')))().then(
      () => true,
      () => false,
    )
    return Promise.race([used, sleep(ANSWER_WITHIN_MS, false)])
  }
  return {
    async waitForRest(daemon) {
      const deadlineMs = performance.now() + WITHIN_MS
      let runningSinceMs: number | undefined
      while (performance.now() < deadlineMs) {
        if (daemon.hasEnded()) return 'ended'
        if (daemon.isRunning()) runningSinceMs ??= performance.now()
        const follows = performance.now() - (runningSinceMs ?? Infinity) > FOLLOWS_LOG_AFTER_MS
        await callPerson()
        if (follows && (await isServed()) && (await daemon.mode()) === 'healthy') return 'healthy'
        await sleep(LOOK_EVERY_MS)
      }
      return 'restless'
    },
  }
}
