import t from 'tap'
import { addUse, foretell, NO_HISTORY } from '../../../src/core/disk/forecast.ts'
import type { UseHistory } from '../../../src/core/disk/forecast.ts'

const GB = 1024 ** 3
const TOTAL = 100 * GB
const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** The history of `minutes`, of which each has `used(minute)` bytes in use. */
function watchFor(minutes: number, used: (minute: number) => number): UseHistory {
  let history = NO_HISTORY
  for (let minute = 0; minute <= minutes; minute += 1) history = addUse(history, { atMs: minute * MINUTE, usedBytes: used(minute) }, TOTAL)
  return history
}

const room = (usedBytes: number) => ({ availableBytes: TOTAL - usedBytes, totalBytes: TOTAL })
const noise = (minute: number): number => ((minute * 7919) % 97) / 97

t.test('steady growth is foretold, the more ahead the longer it was looked at', async (t) => {
  const perHour = 5 * GB
  const used = (minute: number): number => 30 * GB + (minute / 60) * perHour
  t.equal(foretell(watchFor(60, used), room(used(60))), undefined, 'an hour is too short for what is half a day away')
  const forecast = foretell(watchFor(6 * 60, used), room(used(360)))
  t.ok(Math.abs((forecast?.fullInMs ?? 0) / HOUR - 8) < 0.1, `${(forecast?.fullInMs ?? 0) / HOUR} h`)
  t.ok(Math.abs((forecast?.bytesPerHour ?? 0) / perHour - 1) < 0.01)
})

t.test('a disk that is full within the hour is foretold within minutes', async (t) => {
  const used = (minute: number): number => 30 * GB + minute * GB
  const forecast = foretell(watchFor(15, used), room(used(15)))
  t.ok(Math.abs((forecast?.fullInMs ?? 0) / MINUTE - 55) < 1, `${(forecast?.fullInMs ?? 0) / MINUTE} min`)
})

t.test('what goes up and down foretells nothing', async (t) => {
  const shapes: Readonly<Record<string, (minute: number) => number>> = {
    'an idle disk with noise': (minute) => 50 * GB + noise(minute) * GB,
    'checkpoints and recycled WAL': (minute) => 50 * GB + (minute % 15) * 0.2 * GB,
    'a temporary file for ten minutes': (minute) => 50 * GB + (minute % 60 > 48 && minute % 60 < 59 ? 4 * GB : 0),
    'a disk that empties': (minute) => 80 * GB - minute * 0.05 * GB,
  }
  for (const [name, used] of Object.entries(shapes))
    for (let minutes = 10; minutes <= 24 * 60; minutes += 10)
      if (foretell(watchFor(minutes, used), room(used(minutes))) !== undefined) t.fail(`${name} after ${minutes} min`)
  t.pass('nothing')
})

t.test('noise, a spike and a rotated log do not hide steady growth', async (t) => {
  const used = (minute: number): number =>
    30 * GB + (minute / 60) * 5 * GB + noise(minute) * GB + (minute === 200 ? 9 * GB : 0) - (minute > 240 ? 2 * GB : 0)
  const hours = (foretell(watchFor(12 * 60, used), room(used(720)))?.fullInMs ?? 0) / HOUR
  t.ok(hours > 1.5 && hours < 3.5, `${hours} h; without them it would be 2`)
})

t.test('who clears up begins anew', async (t) => {
  const used = (minute: number): number => (minute < 360 ? 30 * GB + (minute / 60) * 5 * GB : 20 * GB)
  const history = watchFor(361, used)
  t.equal(history.coarse.length, 1)
  t.equal(foretell(history, room(used(361))), undefined)
})

t.test('the history is bounded, and takes no more than one sample a minute', async (t) => {
  const history = watchFor(5 * 24 * 60, () => 50 * GB)
  t.equal(history.fine.length, 30)
  t.equal(history.coarse.length, 96)
  const last = history.fine.at(-1)?.atMs ?? 0
  t.equal(addUse(history, { atMs: last + 10_000, usedBytes: 1 }, 1).fine.at(-1)?.atMs, last + 10_000, 'unless room was made')
  t.equal(addUse(history, { atMs: last + 10_000, usedBytes: 50 * GB }, TOTAL).fine.at(-1)?.atMs, last)
})
