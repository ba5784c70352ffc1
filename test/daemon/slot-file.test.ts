import t from 'tap'
import { createSlotFile } from '../../src/daemon/slot-file.ts'
import type { SlotFile } from '../../src/daemon/slot-file.ts'
import type { Files } from '../../src/ports/files.ts'
import { cutPower } from '../fakes/disk/power-cut.ts'
import { createFakeFiles } from '../fakes/files.ts'
import type { FakeFiles } from '../fakes/files.ts'
import { createFakeRandom } from '../fakes/random.ts'

const PATH = '/state/slots'
const SLOT_BYTES = 256

function open(files: Files): SlotFile {
  return createSlotFile({ files, path: PATH, slotBytes: SLOT_BYTES })
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

function withFolder(): FakeFiles {
  const files = createFakeFiles()
  files.putDirectory('/state')
  return files
}

t.test('a text is found again, also by another opener, and the newest counts', async (t) => {
  const files = withFolder()
  const slots = open(files)
  t.equal(await slots.load(), undefined)
  for (const text of ['first', 'second', 'third ✓']) {
    await slots.save(text)
    t.equal(await slots.load(), text)
    t.equal(await open(files).load(), text)
  }
})

t.test('the second save and those after it overwrite in place', async (t) => {
  const files = withFolder()
  const slots = open(files)
  for (const text of ['a', 'b', 'c']) await slots.save(text)
  t.same(
    files.calls.filter((call) => /overwrite|writeDurably/.test(call)),
    [`writeDurably ${PATH}`, `overwrite ${PATH}`, `overwrite ${PATH}`],
  )
})

t.test('what a run left that was killed before its name was durable outlives a power cut after the next save', async (t) => {
  const files = withFolder()
  const killed = files.through(async ({ operation, path, act }) => (operation === 'fsync' && path === '/state' ? never() : act()))
  void open(killed).save('before')
  await new Promise((resolve) => setImmediate(resolve))
  t.equal(await open(files).load(), 'before')
  await open(files).save('after')
  cutPower(files.disk, 'nothing', createFakeRandom())
  t.equal(await open(files).load(), 'after')
})

t.test('a full disk does not matter once the slots are there', async (t) => {
  const files = withFolder()
  const slots = open(files)
  await slots.save('before')
  files.volumeOf(PATH).availableBytes = 0
  await slots.save('after')
  t.equal(await open(files).load(), 'after')
})

t.test('a text too long for a slot is refused, and the one before stays', async (t) => {
  const slots = open(withFolder())
  await slots.save('short')
  await t.rejects(slots.save('x'.repeat(SLOT_BYTES)), { code: 'EFBIG' })
  t.equal(await slots.load(), 'short')
  await slots.save('short again')
  t.equal(await slots.load(), 'short again')
})

t.test('saves are done one at a time, in order', async (t) => {
  const files = withFolder()
  const slots = open(files)
  await Promise.all(['1', '2', '3', '4'].map((text) => slots.save(text)))
  t.equal(await open(files).load(), '4')
})

t.test('a failed write rejects; the next save replaces the file as a whole', async (t) => {
  const files = withFolder()
  const slots = open(files)
  await slots.save('good')
  files.fail({ operation: 'overwrite', code: 'EIO', times: 1 })
  await t.rejects(slots.save('lost'), { code: 'EIO' })
  t.equal(await open(files).load(), 'good')
  await slots.save('mended')
  t.equal(files.calls.at(-1), `writeDurably ${PATH}`)
  t.equal(await open(files).load(), 'mended')
})

/** Files that die in the middle of the k-th change: of an overwrite only the first half is on the disk. */
function dyingAt(files: FakeFiles, k: number): Files {
  let changes = 0
  const dies = (): boolean => ++changes === k
  return {
    ...files,
    async writeDurably(path, content, mode) {
      if (dies()) throw new Error('power cut')
      return files.writeDurably(path, content, mode)
    },
    async overwrite(path, offset, content) {
      if (!dies()) return files.overwrite(path, offset, content)
      await files.overwrite(path, offset, content.slice(0, content.length / 2))
      throw new Error('power cut')
    },
  }
}

t.test('after a power cut in the middle of any write the last acknowledged text is there', async (t) => {
  for (let k = 1; k <= 8; k += 1) {
    const files = withFolder()
    const slots = open(dyingAt(files, k))
    let acknowledged: string | undefined
    for (let n = 1; n < k + 3; n += 1) {
      const died = await slots.save(`text number ${n}`).then(
        () => false,
        () => true,
      )
      if (died) break
      acknowledged = `text number ${n}`
    }
    t.equal(await open(files).load(), acknowledged, `power cut at write ${k}`)
    await open(files).save('afterwards')
    t.equal(await open(files).load(), 'afterwards')
  }
})

t.test('any single damaged byte of the newest slot brings the one before, never a wrong text', async (t) => {
  const files = withFolder()
  const slots = open(files)
  await slots.save('older')
  await slots.save('newer')
  const whole = await files.read(PATH, { maxBytes: 2 * SLOT_BYTES })
  for (let at = 0; at < 64 + 'newer'.length; at += 1) {
    const damaged = Uint8Array.from(whole ?? [])
    damaged[at] = (damaged[at] ?? 0) ^ 1
    files.put(PATH, damaged)
    t.match(await open(files).load(), /^(older|newer)$/, `byte ${at}`)
  }
})

t.test('a file of another size is read as far as it goes and written anew', async (t) => {
  const files = withFolder()
  await open(files).save('kept')
  const bigger = createSlotFile({ files, path: PATH, slotBytes: 2 * SLOT_BYTES })
  await bigger.save('x'.repeat(300))
  t.equal(await bigger.load(), 'x'.repeat(300))
})
