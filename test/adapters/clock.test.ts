import t from 'tap'
import type { Test as Tap } from 'tap'
import { createClock } from '../../src/adapters/clock/clock.ts'
import { createRandom } from '../../src/adapters/random/random.ts'
import type { Clock } from '../../src/ports/clock.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeRandom } from '../fakes/random.ts'

/** A clock, and a way to let time pass on it. */
interface Ground {
  readonly clock: Clock
  pass(durationMs: number): Promise<void>
}

function realGround(): Ground {
  return { clock: createClock(), pass: (durationMs) => new Promise((resolve) => setTimeout(resolve, durationMs + 5)) }
}

function fakeGround(): Ground {
  const clock = createFakeClock()
  return { clock, pass: (durationMs) => clock.advance(durationMs) }
}

/** The listeners that stay on a signal. */
function listenersOf(signal: AbortSignal): ReadonlySet<unknown> {
  const listeners = new Set<unknown>()
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
  signal.addEventListener = (...given: Parameters<typeof add>) => void (listeners.add(given[1]), add(...given))
  signal.removeEventListener = (...given: Parameters<typeof remove>) => void (listeners.delete(given[1]), remove(...given))
  return listeners
}

for (const [name, make] of [
  ['real', realGround],
  ['fake', fakeGround],
] as const) {
  t.test(`${name} clock`, async (t) => {
    t.test('monotonic time goes on and never back', async (t) => {
      const { clock, pass } = make()
      const before = clock.monotonicMs()
      await pass(20)
      t.ok(clock.monotonicMs() - before >= 20)
      t.match(clock.bootId, /\S/)
    })

    t.test('a sleep ends by time or by its signal, and never rejects', async (t) => {
      const { clock, pass } = make()
      const sleep = clock.sleep(20)
      await pass(20)
      await sleep
      const controller = new AbortController()
      const listeners = listenersOf(controller.signal)
      const long = clock.sleep(60_000, controller.signal)
      controller.abort()
      await long
      await clock.sleep(60_000, controller.signal)
      t.equal(listeners.size, 0)
    })

    t.test('a timer fires once, and not when it was cancelled', async (t) => {
      const { clock, pass } = make()
      const fired: string[] = []
      clock.after(10, () => fired.push('kept'))
      const cancel = clock.after(10, () => fired.push('cancelled'))
      cancel()
      await pass(30)
      t.strictSame(fired, ['kept'])
    })

    t.test('a timer longer than Node can set does not fire at once', async (t) => {
      const { clock, pass } = make()
      const cancel = clock.after(2 ** 33, () => t.fail('fired'))
      await pass(10)
      cancel()
    })

    t.test('withDeadline', (t) => testDeadlines(t, make))
  })
}

async function testDeadlines(t: Tap, make: () => Ground): Promise<void> {
  const { clock, pass } = make()
  const parent = new AbortController()
  const listeners = listenersOf(parent.signal)

  t.strictSame(await clock.withDeadline(1000, parent.signal, async () => 7), { timedOut: false, value: 7 })
  await t.rejects(
    clock.withDeadline(1000, parent.signal, async () => Promise.reject(new Error('mine'))),
    { message: 'mine' },
  )
  await t.rejects(
    clock.withDeadline(1000, parent.signal, () => {
      throw new Error('at once')
    }),
    { message: 'at once' },
  )

  let seen: AbortSignal | undefined
  const deaf = clock.withDeadline(20, parent.signal, (signal) => {
    seen = signal
    return new Promise(() => {})
  })
  await pass(20)
  t.strictSame(await deaf, { timedOut: true }, 'work that ignores its signal is left behind')
  t.ok(seen?.aborted)

  const late = Promise.withResolvers<never>()
  const abandoned = clock.withDeadline(20, undefined, () => late.promise)
  await pass(20)
  t.strictSame(await abandoned, { timedOut: true })
  late.reject(new Error('nobody cares'))

  const obedient = clock.withDeadline(
    60_000,
    parent.signal,
    (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('stopped'))),
  )
  parent.abort()
  t.strictSame(await obedient, { timedOut: false, value: 'stopped' }, 'the parent is passed on')
  t.strictSame(await clock.withDeadline(1000, parent.signal, async (signal) => signal.aborted), { timedOut: false, value: true })
  t.equal(listeners.size, 0, 'no listener stays on the parent')
}

t.test('the fake clock fires timers in order, and moves only by hand', async (t) => {
  const clock = createFakeClock()
  const order: string[] = []
  clock.after(20, () => order.push('second'))
  clock.after(10, () => {
    order.push('first')
    clock.after(5, () => order.push('armed meanwhile'))
  })
  const wallMs = clock.wallMs()
  await clock.advance(30)
  t.strictSame(order, ['first', 'armed meanwhile', 'second'])
  t.equal(clock.wallMs(), wallMs + 30)
  clock.shiftWall(-1000)
  t.equal(clock.wallMs(), wallMs - 970)
  void clock.sleep(10)
  t.equal(clock.pendingTimers(), 1)
  clock.reboot(60_000)
  t.match(
    { bootId: clock.bootId, monotonicMs: clock.monotonicMs(), pending: clock.pendingTimers() },
    { bootId: 'boot-2', monotonicMs: 0, pending: 0 },
  )
})

t.test('random numbers have the form that is asked for', async (t) => {
  for (const random of [createRandom(), createFakeRandom()]) {
    t.match(random.hex(7), /^[0-9a-f]{7}$/)
    t.not(random.hex(16), random.hex(16))
    const fraction = random.fraction()
    t.ok(fraction >= 0 && fraction < 1)
  }
  t.equal(createFakeRandom(3).hex(8), createFakeRandom(3).hex(8))
})
