import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Test as Tap } from 'tap'
import { createFiles } from '../../src/adapters/filesystem/files.ts'
import { toFailure } from '../../src/adapters/filesystem/failure.ts'
import { hostSystemCalls, type SystemCalls } from '../../src/adapters/filesystem/system-calls.ts'
import { isTemporary, type Files } from '../../src/ports/files.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'
import { createFakeFiles } from '../fakes/files.ts'

/** Watchers alone do not keep the process alive; a test that waits for one does. */
function stayAlive(t: Tap): void {
  const timer = setInterval(() => {}, 1000)
  t.teardown(() => clearInterval(timer))
}

/** Files to try, an empty directory in them, and how things get there behind the port's back. */
interface Ground {
  readonly files: Files
  readonly root: string
  link(path: string, target: string): void
}

function realGround(t: Tap): Ground {
  const root = mkdtempSync(join(tmpdir(), 'pgwatchd-files-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  return { files: createFiles(), root, link: (path, target) => symlinkSync(target, path) }
}

function fakeGround(): Ground {
  const files = createFakeFiles()
  files.putDirectory('/ground')
  return { files, root: '/ground', link: (path, target) => files.putLink(path, target) }
}

const bytes = (text: string): Uint8Array => Buffer.from(text)

async function rejectsWith(t: Tap, promise: Promise<unknown>, code: string): Promise<void> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  t.type(error, OutsideError)
  t.equal(error instanceof OutsideError && error.code, code)
}

for (const [name, make] of [
  ['real', realGround],
  ['fake', fakeGround],
] as const) {
  t.test(`${name} files`, async (t) => {
    t.test('what is missing is undefined', async (t) => {
      const { files, root } = make(t)
      const missing = join(root, 'missing')
      t.equal(await files.status(missing), undefined)
      t.equal(await files.resolve(missing), undefined)
      t.equal(await files.list(missing), undefined)
      t.equal(await files.read(missing, { maxBytes: 10 }), undefined)
      t.equal(await files.readText(missing, { maxBytes: 10 }), undefined)
      t.equal(await files.readTail(missing, 10), undefined)
      await files.remove(missing)
      await rejectsWith(t, files.overwrite(missing, 0, bytes('x')), 'ENOENT')
      await rejectsWith(t, files.volume(missing), 'ENOENT')
      await rejectsWith(t, files.move(missing, join(root, 'there')), 'ENOENT')
      await rejectsWith(t, files.writeDurably(join(missing, 'deep'), 'x', 0o600), 'ENOENT')
    })

    t.test('a written file is read back, whole and in parts', async (t) => {
      const { files, root } = make(t)
      const path = join(root, 'state')
      await files.writeDurably(path, 'first', 0o640)
      await files.writeDurably(path, 'one\ntwo\nthree\n', 0o600)
      t.equal(await files.readText(path, { maxBytes: 100 }), 'one\ntwo\nthree\n')
      t.equal(await files.readText(path, { maxBytes: 3, offset: 4 }), 'two')
      t.equal(await files.readTail(path, 100), 'one\ntwo\nthree\n')
      t.equal(await files.readTail(path, 10), 'two\nthree\n', 'a window that starts at a line keeps it')
      t.equal(await files.readTail(path, 9), 'three\n')
      t.equal(await files.readTail(path, 3), '', 'no whole line fits')
      t.match(await files.status(path), { kind: 'file', sizeBytes: 14, mode: 0o600 })
      t.strictSame(await files.list(root), ['state'], 'no temporary file stays')
    })

    t.test('a link is replaced, never followed', async (t) => {
      const { files, root, link } = make(t)
      await files.writeDurably(join(root, 'victim'), 'precious', 0o600)
      link(join(root, 'state'), join(root, 'victim'))
      t.match(await files.status(join(root, 'state')), { kind: 'link' })
      t.equal(await files.resolve(join(root, 'state')), join(root, 'victim'))
      await rejectsWith(t, files.overwrite(join(root, 'state'), 0, bytes('x')), 'ELOOP')
      await files.writeDurably(join(root, 'state'), 'new', 0o600)
      t.equal(await files.readText(join(root, 'victim'), { maxBytes: 100 }), 'precious')
      t.match(await files.status(join(root, 'state')), { kind: 'file' })
    })

    t.test('overwrite and append change what is there', async (t) => {
      const { files, root } = make(t)
      const path = join(root, 'slot')
      await files.appendDurably(path, 'abcdef', 0o600)
      await files.overwrite(path, 2, bytes('XY'))
      await files.appendDurably(path, bytes('gh'), 0o600)
      t.equal(await files.readText(path, { maxBytes: 100 }), 'abXYefgh')
      await files.overwrite(path, 7, bytes('IJ'))
      t.equal(await files.readText(path, { maxBytes: 100 }), 'abXYefgIJ')
    })

    t.test('allocated files have real blocks and are never replaced', async (t) => {
      const { files, root } = make(t)
      const path = join(root, 'ballast')
      await files.allocate(path, 3_000_000, 0o600)
      const status = await files.status(path)
      t.equal(status?.sizeBytes, 3_000_000)
      t.ok((status?.allocatedBytes ?? 0) >= 3_000_000)
      await rejectsWith(t, files.allocate(path, 10, 0o600), 'EEXIST')
      t.equal((await files.status(path))?.sizeBytes, 3_000_000)
    })

    t.test('directories are made with their parents, once', async (t) => {
      const { files, root } = make(t)
      await files.makeDirectory(join(root, 'a/b/c'), 0o700)
      await files.makeDirectory(join(root, 'a/b/c'), 0o700)
      t.match(await files.status(join(root, 'a/b/c')), { kind: 'directory', mode: 0o700 })
      await files.touch(join(root, 'a/hold'), 0o644)
      await files.touch(join(root, 'a/hold'), 0o600)
      t.match(await files.status(join(root, 'a/hold')), { mode: 0o644, sizeBytes: 0 })
      await rejectsWith(t, files.makeDirectory(join(root, 'a/hold'), 0o700), 'EEXIST')
      await rejectsWith(t, files.list(join(root, 'a/hold')), 'ENOTDIR')
      await rejectsWith(t, files.remove(join(root, 'a')), 'ENOTEMPTY')
      await files.remove(join(root, 'a/b/c'))
      t.strictSame(await files.list(join(root, 'a')), ['b', 'hold'])
    })

    t.test('move and copy refuse a target that exists', async (t) => {
      const { files, root } = make(t)
      const [from, to, other] = ['from', 'to', 'other'].map((each) => join(root, each)) as [string, string, string]
      await files.writeDurably(from, 'content', 0o640)
      await files.writeDurably(other, 'kept', 0o600)
      await rejectsWith(t, files.move(from, other), 'EEXIST')
      await rejectsWith(t, files.copy(from, other, 0o600), 'EEXIST')
      t.equal(await files.readText(other, { maxBytes: 100 }), 'kept')
      await files.copy(from, join(root, 'copied'), 0o600)
      await files.move(from, to)
      t.strictSame(await files.list(root), ['copied', 'other', 'to'])
      t.match(await files.status(to), { mode: 0o640, sizeBytes: 7 })
      t.match(await files.status(join(root, 'copied')), { mode: 0o600, sizeBytes: 7 })
      await files.makeDirectory(join(root, 'folder'), 0o700)
      await files.writeDurably(join(root, 'folder/inner'), 'x', 0o600)
      await files.makeDirectory(join(root, 'empty'), 0o700)
      await rejectsWith(t, files.move(join(root, 'folder'), join(root, 'empty')), 'EEXIST')
      await files.move(join(root, 'folder'), join(root, 'moved'))
      t.equal(await files.readText(join(root, 'moved/inner'), { maxBytes: 10 }), 'x')
      t.equal(await files.status(join(root, 'folder')), undefined)
    })

    t.test('modes change, and volumes have room', async (t) => {
      const { files, root } = make(t)
      await files.writeDurably(join(root, 'x'), 'x', 0o600)
      await files.changeMode(join(root, 'x'), 0o440)
      t.match(await files.status(join(root, 'x')), { mode: 0o440 })
      const use = await files.volume(root)
      t.ok(use.availableBytes > 0 && use.availableBytes <= use.totalBytes)
      t.equal(use.device, (await files.status(join(root, 'x')))?.device)
    })

    t.test('a watcher hears of a file that comes, changes, is rotated and comes again', async (t) => {
      const { files, root } = make(t)
      const path = join(root, 'server.log')
      stayAlive(t)
      let heard = Promise.withResolvers<void>()
      const stop = files.watch(path, () => heard.resolve())
      t.teardown(stop)
      const hears = async (what: string, change: () => Promise<void>): Promise<void> => {
        await heard.promise.then(() => new Promise((resolve) => setTimeout(resolve, 120)))
        heard = Promise.withResolvers()
        await change()
        await heard.promise
        t.pass(what)
      }
      await files.appendDurably(path, 'created\n', 0o600)
      await hears('changed', () => files.appendDurably(path, 'more\n', 0o600))
      await hears('rotated', () => files.move(path, `${path}.1`))
      await hears('created again', () => files.appendDurably(path, 'again\n', 0o600))
      await hears('changed again', () => files.appendDurably(path, 'more\n', 0o600))
    })
  })
}

t.test('the umask does not weaken or widen a mode', async (t) => {
  const { files, root } = realGround(t)
  const before = process.umask(0o077)
  t.teardown(() => process.umask(before))
  await files.writeDurably(join(root, 'open'), 'x', 0o666)
  await files.makeDirectory(join(root, 'folder'), 0o775)
  t.equal(statSync(join(root, 'open')).mode & 0o777, 0o666)
  t.equal(statSync(join(root, 'folder')).mode & 0o777, 0o775)
})

t.test('an allocation that is called off leaves nothing behind', async (t) => {
  const { files, root } = realGround(t)
  await rejectsWith(t, files.allocate(join(root, 'ballast'), 1 << 30, 0o600, AbortSignal.abort()), 'aborted')
  t.strictSame(readdirSync(root), [])
})

t.test('a move that a crash cut in half is finished', async (t) => {
  const { files, root } = realGround(t)
  writeFileSync(join(root, 'from'), 'x')
  execFileSync('ln', [join(root, 'from'), join(root, 'to')])
  await files.move(join(root, 'from'), join(root, 'to'))
  t.strictSame(readdirSync(root), ['to'])
})

const ONE_FILE_SYSTEM = statSync('/dev/shm').dev === statSync(tmpdir()).dev && 'there is one file system only'
t.test('a move across file systems keeps mode and time, and refuses a target', { skip: ONE_FILE_SYSTEM }, async (t) => {
  const { files, root } = realGround(t)
  const other = mkdtempSync('/dev/shm/pgwatchd-files-')
  t.teardown(() => rmSync(other, { recursive: true, force: true }))
  mkdirSync(join(root, 'slot'))
  writeFileSync(join(root, 'slot/state'), 'bytes')
  chmodSync(join(root, 'slot/state'), 0o640)
  const modifiedMs = statSync(join(root, 'slot/state')).mtimeMs
  await files.move(join(root, 'slot'), join(other, 'slot'))
  t.notOk(existsSync(join(root, 'slot')))
  t.equal(statSync(join(other, 'slot/state')).mode & 0o777, 0o640)
  t.ok(Math.abs(statSync(join(other, 'slot/state')).mtimeMs - modifiedMs) < 1)
  writeFileSync(join(root, 'slot'), 'another')
  await rejectsWith(t, files.move(join(root, 'slot'), join(other, 'slot')), 'EEXIST')
})

/** The host's calls until the `last`; from there on none is made, and none returns: the process is dead. */
function dyingCalls(last: number): { readonly calls: SystemCalls; readonly died: Promise<void> } {
  let made = 0
  const death = Promise.withResolvers<void>()
  const lives = (): boolean => {
    made += 1
    if (made > last) death.resolve()
    return made <= last
  }
  const dying =
    <Given extends unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    (...given: Given): Promise<Result> =>
      lives() ? call(...given) : new Promise(() => undefined)
  const mortal = Object.fromEntries(
    (['open', 'link', 'unlink', 'rename', 'rm', 'utimes', 'lchown'] as const).map((name) => [name, dying(hostSystemCalls[name] as never)]),
  )
  return { calls: { ...hostSystemCalls, ...mortal }, died: death.promise }
}

t.test('a move across file systems is finished at its repetition, wherever it was cut short', { skip: ONE_FILE_SYSTEM }, async (t) => {
  for (let last = 0, ended = false; !ended; last += 1) {
    const { files, root } = realGround(t)
    const other = mkdtempSync('/dev/shm/pgwatchd-files-')
    t.teardown(() => rmSync(other, { recursive: true, force: true }))
    writeFileSync(join(root, 'postmaster.pid'), '812\n')
    const { calls, died } = dyingCalls(last)
    ended = await Promise.race([
      createFiles(calls)
        .move(join(root, 'postmaster.pid'), join(other, 'kept'))
        .then(() => true),
      died.then(() => false),
    ])
    if (!ended) await files.move(join(root, 'postmaster.pid'), join(other, 'kept')).catch((error: unknown) => expectDone(t, root, error))
    t.strictSame(readdirSync(root), [], `call ${String(last + 1)}`)
    t.strictSame(
      readdirSync(other).filter((name) => !isTemporary(name)),
      ['kept'],
    )
    t.equal(await files.readText(join(other, 'kept'), { maxBytes: 10 }), '812\n')
    if (ended) t.ok(last > 6, `${String(last)} calls`)
  }
})

/** The original was gone already: there is nothing left to move. */
function expectDone(t: Tap, root: string, error: unknown): void {
  t.match(error, { code: 'ENOENT' })
  t.strictSame(readdirSync(root), [])
}

const NOT_ROOT = process.getuid?.() !== 0 && 'only root can mount a small volume'
t.test('a full volume is named, and no half file stays', { skip: NOT_ROOT }, async (t) => {
  const { files, root } = realGround(t)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', root])
  t.teardown(() => execFileSync('umount', [root]))
  await files.writeDurably(join(root, 'slot'), 'old', 0o600)
  await rejectsWith(t, files.allocate(join(root, 'ballast'), 1 << 20, 0o600), 'ENOSPC')
  await rejectsWith(t, files.writeDurably(join(root, 'slot'), new Uint8Array(1 << 20), 0o600), 'ENOSPC')
  t.strictSame(readdirSync(root), ['slot'])
  t.equal(await files.readText(join(root, 'slot'), { maxBytes: 10 }), 'old')
})

t.test('a FIFO holds nobody', async (t) => {
  const { files, root } = realGround(t)
  execFileSync('mkfifo', [join(root, 'pipe')])
  await rejectsWith(t, files.overwrite(join(root, 'pipe'), 0, bytes('x')), 'ENXIO')
  t.match(await files.status(join(root, 'pipe')), { kind: 'other' })
})

t.test('a watched directory is found again after it was replaced', async (t) => {
  const { files, root } = realGround(t)
  const directory = join(root, 'data')
  mkdirSync(directory)
  stayAlive(t)
  let heard = Promise.withResolvers<void>()
  t.teardown(files.watch(directory, () => heard.resolve()))
  renameSync(directory, `${directory}.old`)
  await heard.promise
  mkdirSync(directory)
  await new Promise((resolve) => setTimeout(resolve, 120))
  heard = Promise.withResolvers()
  appendFileSync(join(directory, 'postmaster.pid'), 'x')
  await heard.promise
})

t.test('errno names and hints', async (t) => {
  const quota = toFailure(
    'write',
    '/x',
    Object.assign(new Error('Unknown system error -122: Unknown system error -122, write'), { errno: -122 }),
  )
  t.match(quota, { code: 'EDQUOT', message: 'cannot write /x: disk quota exceeded' })
  const full = toFailure('write', '/x', Object.assign(new Error('ENOSPC: no space left on device, write'), { errno: -28 }))
  t.match(full, { code: 'ENOSPC', message: 'cannot write /x: no space left on device (ENOSPC)', hint: /free space/ })
  const bug = new TypeError('a bug')
  t.equal(toFailure('write', '/x', bug), bug)
})

t.test('the fake can be made to fail', async (t) => {
  const files = createFakeFiles()
  const volume = files.mount('/small', { totalBytes: 100, availableBytes: 10 })
  await rejectsWith(t, files.writeDurably('/small/x', 'more than ten bytes', 0o600), 'ENOSPC')
  await files.writeDurably('/small/x', '12345', 0o600)
  t.equal(volume.availableBytes, 5)
  files.fail({ operation: 'writeDurably', path: '/small/x', code: 'EIO', times: 1 })
  await rejectsWith(t, files.writeDurably('/small/x', '1', 0o600), 'EIO')
  await files.writeDurably('/small/x', '1', 0o600)
  t.equal(files.textOf('/small/x'), '1')
})
