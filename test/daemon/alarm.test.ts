import t from 'tap'
import { createAlarm } from '../../src/daemon/alarm.ts'
import { createFakeClock } from '../fakes/clock.ts'

/** Begins a wait of 10 s; `ended` tells whether it is over. */
function beginWait() {
  const clock = createFakeClock()
  const alarm = createAlarm(clock)
  const stop = new AbortController()
  const waiting = { clock, alarm, stop, ended: false, again: () => wait() }
  const wait = (): void => {
    waiting.ended = false
    void alarm.wait(10_000, stop.signal).then(() => (waiting.ended = true))
  }
  wait()
  return waiting
}

t.test('a wait that nobody ends costs one wake', async (t) => {
  const waiting = beginWait()
  t.equal(waiting.clock.pendingTimers(), 1)
  await waiting.clock.advance(9_999)
  t.equal(waiting.ended, false)
  t.equal(waiting.clock.pendingTimers(), 1)
  await waiting.clock.advance(1)
  t.equal(waiting.ended, true)
  t.equal(waiting.clock.pendingTimers(), 0)
})

t.test('a ring ends it at once, and never sooner than 50 ms after it began', async (t) => {
  const waiting = beginWait()
  await waiting.clock.advance(3_000)
  waiting.alarm.ring()
  await waiting.clock.advance(0)
  t.equal(waiting.ended, true)
  waiting.again()
  waiting.alarm.ring()
  await waiting.clock.advance(49)
  t.equal(waiting.ended, false)
  await waiting.clock.advance(1)
  t.equal(waiting.ended, true)
})

t.test('a ring between two waits ends the next one, and only that', async (t) => {
  const waiting = beginWait()
  await waiting.clock.advance(10_000)
  waiting.alarm.ring()
  waiting.again()
  await waiting.clock.advance(50)
  t.equal(waiting.ended, true)
  waiting.again()
  await waiting.clock.advance(9_999)
  t.equal(waiting.ended, false)
})

t.test('a stop ends it at once, and leaves no timer', async (t) => {
  const waiting = beginWait()
  waiting.stop.abort()
  await waiting.clock.advance(0)
  t.equal(waiting.ended, true)
  t.equal(waiting.clock.pendingTimers(), 0)
})
