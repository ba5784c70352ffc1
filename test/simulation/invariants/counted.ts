import { certainJournal, certainState } from '../certain.ts'
import type { Invariant } from './invariant.ts'

/** An attempt that the server was asked for in. */
interface Attempt {
  readonly name: string
  readonly atMs: number
}

/**
 * Attempts are counted where it was not the operator who gave them back. One that was held is given back too, so only those
 * are counted of which a server came of no use.
 */
export const counted: Invariant = {
  name: 'counted',
  meaning: 'the attempts of an incident are counted upwards, and starts within the window stay below what is allowed',
  watch(world, violate) {
    const { machine, deaths } = world
    const starts: number[] = []
    let last: Attempt | undefined
    return {
      onAct({ kind }) {
        const nowMs = machine.clock.elapsedMs()
        const [state, journal] = [certainState(machine.files.disk), certainJournal(machine.files.disk)]
        if (journal !== undefined && last?.name.startsWith(`${journal.incidentId} `) === true) {
          const before = Number(last.name.split(' ')[1])
          if (journal.attempt < before) violate(`attempt ${journal.attempt} of ${journal.incidentId} comes after attempt ${before}`)
        }
        if (journal !== undefined) last = { name: `${journal.incidentId} ${journal.attempt}`, atMs: nowMs }
        if (kind !== 'start') return
        starts.push(nowMs)
        const limits = world.daemon()?.watch().settings.limits
        if (limits === undefined || state === undefined) return
        const isRecent = (atMs: number): boolean => nowMs - atMs < limits.windowMs
        const allowed =
          2 * limits.attempts + deaths.filter(isRecent).length + world.truth.resets.filter(isRecent).length * 2 * limits.attempts
        const recent = starts.filter(isRecent).length
        if (recent > allowed) violate(`${recent} starts within the window, ${limits.attempts} attempts are allowed`)
      },
    }
  },
}
