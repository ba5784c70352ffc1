import { setTimeout as sleep } from 'node:timers/promises'
import type { Daemon } from './daemon.ts'
import type { Made } from './damages/damage.ts'
import type { Stage } from './stage.ts'
import { readSubjects } from './verdict.ts'

/** How a wait for rest ended. */
export type Rest = 'healthy' | 'ended' | 'restless'

const WITHIN_MS = 30_000
const LOOK_EVERY_MS = 30

/** The world around one damage: the application goes on working, and a person acts once, when called. */
export interface Surroundings {
  /** Resolves when the daemon finds all well and the application is served, has ended, or has not come to rest in half a minute. */
  waitForRest(daemon: Daemon): Promise<Rest>
}

export function createSurroundings(stage: Stage, made: Made): Surroundings {
  let acted = made.person === undefined
  const callPerson = async (): Promise<void> => {
    if (acted || !readSubjects(stage).some((subject) => made.person?.told.test(subject) === true)) return
    acted = true
    await made.person?.act()
  }
  const isServed = async (): Promise<boolean> => {
    try {
      await (made.use ?? (() => stage.server.psql('select 1')))()
      return true
    } catch {
      return false
    }
  }
  return {
    async waitForRest(daemon) {
      const deadlineMs = performance.now() + WITHIN_MS
      while (performance.now() < deadlineMs) {
        if (daemon.hasEnded()) return 'ended'
        await callPerson()
        const served = await isServed()
        if (acted && served && (await daemon.mode()) === 'healthy') return 'healthy'
        await sleep(LOOK_EVERY_MS)
      }
      return 'restless'
    },
  }
}
