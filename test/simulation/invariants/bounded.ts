import { STATE_DIRECTORY } from '../world.ts'
import type { Invariant } from './invariant.ts'

const HOUR_MS = 3_600_000
/** An hour of the worst: attempts, their alerts, and what a flapping server adds. */
const MAILS_AN_HOUR = 120
const LINES_AN_HOUR = 4_000
const TIMERS = 100
const OUTBOX_FILES = 2_000
const STATE_BYTES = 200e6

export const bounded: Invariant = {
  name: 'bounded',
  meaning: 'what pgwatchd tells, keeps and waits for has limits',
  watch(world, violate) {
    const { machine } = world
    const volume = machine.files.volumeOf(STATE_DIRECTORY)
    const roomBefore = volume.availableBytes
    let beganMs = 0
    let before = { mails: 0, lines: 0 }

    function count(what: string, value: number, limit: number): void {
      if (value > limit) violate(`${value} ${what}, at most ${limit} are expected`)
    }

    return {
      onStep() {
        count('timers', machine.clock.pendingTimers(), TIMERS)
        if (machine.clock.elapsedMs() - beganMs < HOUR_MS) return
        count('mails in an hour', machine.mailer.sent.length - before.mails, MAILS_AN_HOUR)
        count('lines of the journal in an hour', machine.journal.length - before.lines, LINES_AN_HOUR)
        count('files in the outbox', machine.files.disk.find(`${STATE_DIRECTORY}/outbox`, true)?.inode?.entries.size ?? 0, OUTBOX_FILES)
        count('bytes kept', roomBefore - volume.availableBytes, STATE_BYTES)
        beganMs = machine.clock.elapsedMs()
        before = { mails: machine.mailer.sent.length, lines: machine.journal.length }
      },
    }
  },
}
