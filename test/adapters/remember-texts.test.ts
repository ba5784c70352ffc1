import t from 'tap'
import { rememberTexts } from '../../src/adapters/filesystem/remember-texts.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeFiles } from '../fakes/files.ts'

const PATH = '/etc/pgwatchd/password'
const LIMITS = { maxBytes: 100 }

/** A file that was written ten seconds ago, and who reads it. */
async function remembering() {
  const clock = createFakeClock()
  const files = createFakeFiles(() => clock.wallMs())
  files.put(PATH, 'first')
  await clock.advance(10_000)
  const readText = rememberTexts(files, clock)
  const opened = (): number => files.calls.filter((call) => call.startsWith('readText')).length
  return { clock, files, read: () => readText(PATH, LIMITS), opened, readText }
}

t.test('a file that is as it was is not opened again', async (t) => {
  const { read, opened } = await remembering()
  t.strictSame([await read(), await read(), await read()], ['first', 'first', 'first'])
  t.equal(opened(), 1)
})

t.test('one that was written in place, put anew, or made longer is read', async (t) => {
  const { clock, files, read } = await remembering()
  await read()
  await clock.advance(5_000)
  await files.overwrite(PATH, 0, Buffer.from('other'))
  t.equal(await read(), 'other')
  await clock.advance(5_000)
  t.equal(await read(), 'other')
  files.put(PATH, 'third', { modifiedWallMs: clock.wallMs() - 5_000 })
  t.equal(await read(), 'third')
  files.put(PATH, 'longer', { modifiedWallMs: clock.wallMs() - 5_000 })
  t.equal(await read(), 'longer')
})

t.test('one that changed a moment ago may change again without showing it', async (t) => {
  const { clock, files, read } = await remembering()
  const words = ['starting', 'ready   ', 'stopping']
  const seen: (string | undefined)[] = []
  files.put(PATH, 'blank   ')
  const { modifiedWallMs } = (await files.status(PATH))!
  for (const word of words) {
    await files.overwrite(PATH, 0, Buffer.from(word))
    seen.push(await read())
  }
  t.equal((await files.status(PATH))?.modifiedWallMs, modifiedWallMs)
  t.strictSame(seen, words)
  await clock.advance(1_999)
  await read()
  files.disk.find(PATH, true)!.inode!.content = Buffer.from('last    ')
  t.equal(await read(), 'last    ')
})

t.test('one whose time stamp was set back is read within five minutes', async (t) => {
  const { clock, files, read } = await remembering()
  await read()
  files.disk.find(PATH, true)!.inode!.content = Buffer.from('other')
  await clock.advance(299_999)
  t.equal(await read(), 'first')
  await clock.advance(1)
  t.equal(await read(), 'other')
})

t.test('a missing file and a failure are not remembered', async (t) => {
  const { files, read } = await remembering()
  await read()
  files.fail({ operation: 'status', code: 'EIO', times: 1 })
  await t.rejects(read(), { code: 'EIO' })
  files.erase(PATH)
  t.equal(await read(), undefined)
  files.put(PATH, 'first', { modifiedWallMs: 0 })
  files.fail({ operation: 'readText', code: 'EACCES', times: 1 })
  await t.rejects(read(), { code: 'EACCES' })
  t.equal(await read(), 'first')
})

t.test('what a link leads to is read each time', async (t) => {
  const { files, readText, opened } = await remembering()
  files.putLink('/link', PATH)
  await readText('/link', LIMITS)
  await readText('/link', LIMITS)
  t.equal(opened(), 2)
})

t.test('the memory is bounded', async (t) => {
  const { files, readText, opened, clock } = await remembering()
  const paths = Array.from({ length: 17 }, (_, index) => `/etc/${index}`)
  for (const path of paths) files.put(path, path)
  await clock.advance(5_000)
  for (const path of paths) await readText(path, LIMITS)
  t.equal(opened(), 17)
  for (const path of paths.slice(1)) await readText(path, LIMITS)
  t.equal(opened(), 17)
  await readText(paths[0]!, LIMITS)
  t.equal(opened(), 18)
})
