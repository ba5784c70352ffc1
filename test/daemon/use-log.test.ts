import t from 'tap'
import { addUse, NO_HISTORY } from '../../src/core/disk/forecast.ts'
import type { UseHistory } from '../../src/core/disk/forecast.ts'
import { createSlotFile } from '../../src/daemon/slot-file.ts'
import { createUseLog } from '../../src/daemon/use-log.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeFiles } from '../fakes/files.ts'

const PATH = '/state/15-main.use'
const QUARTER_MS = 900_000

function makeLog() {
  const clock = createFakeClock()
  const files = createFakeFiles(() => clock.wallMs())
  files.putDirectory('/state')
  const open = () => createUseLog(createSlotFile({ files, path: PATH, slotBytes: 32 * 1024 }), clock)
  let history: UseHistory = NO_HISTORY
  const log = open()
  const measure = async (usedBytes: number): Promise<void> => {
    history = addUse(history, { atMs: clock.monotonicMs(), usedBytes }, 1e12)
    await log.put(new Map([['/data', history]]))
  }
  return { clock, files, open, measure }
}

t.test('a day is known again after a restart and after a reboot, with its distances', async (t) => {
  const { clock, open, measure } = makeLog()
  for (let quarter = 0; quarter < 5; quarter += 1) {
    await measure(quarter * 1_048_576)
    await clock.advance(QUARTER_MS)
  }
  const restarted = open()
  await restarted.load()
  const { coarse } = restarted.of('/data')
  t.same(
    coarse.map(({ usedBytes }) => usedBytes),
    [0, 1, 2, 3, 4].map((count) => count * 1_048_576),
  )
  t.equal(clock.monotonicMs() - (coarse.at(-1)?.atMs ?? 0), QUARTER_MS)
  clock.reboot(QUARTER_MS)
  const rebooted = open()
  await rebooted.load()
  const after = rebooted.of('/data').coarse
  t.equal((after[1]?.atMs ?? 0) - (after[0]?.atMs ?? 0), QUARTER_MS)
  t.equal(clock.monotonicMs() - (after.at(-1)?.atMs ?? 0), 2 * QUARTER_MS)
})

t.test('it is written once in a quarter of an hour, and what cannot be written or read is no trouble', async (t) => {
  const { clock, files, open, measure } = makeLog()
  const writes = () => files.calls.filter((call) => /^(writeDurably|overwrite) /.test(call)).length
  for (let minute = 0; minute < 30; minute += 1) {
    await measure(minute)
    await clock.advance(60_000)
  }
  t.equal(writes(), 2)
  files.fail({ operation: 'overwrite', code: 'ENOSPC' })
  files.fail({ operation: 'writeDurably', code: 'ENOSPC' })
  await clock.advance(QUARTER_MS)
  await measure(1)
  files.put(PATH, 'rubbish')
  const log = open()
  await log.load()
  t.same(log.of('/data'), NO_HISTORY)
})
