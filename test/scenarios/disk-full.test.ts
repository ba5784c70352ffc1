import t from 'tap'
import { ballastPath } from '../../src/core/disk/safe-list.ts'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'

const BALLAST = ballastPath({ name: '15-main', dataDirectory: DATA })
const NO_ROOM = 'could not write to file "pg_wal/xlogtemp.12": No space left on device'

t.setTimeout(240_000)

async function createSmallHost(ballastBytes = 0): Promise<SimulatedHost> {
  const host = await createHost({ yaml: `recovery: { disk: { ballast: ${ballastBytes}B } }` })
  if (ballastBytes > 0) host.files.put(BALLAST, new Uint8Array(ballastBytes))
  return host
}

const fill = (host: SimulatedHost): void => void (host.files.volumeOf(DATA).availableBytes = 0)
const makeRoom = (host: SimulatedHost): void => void (host.files.volumeOf(DATA).availableBytes = 4e8)

t.test('a server that runs on a full disk is never stopped; a person is told', async (t) => {
  const host = await createSmallHost()
  fill(host)
  await host.until(() => host.mode() === 'waiting', '2m')
  await host.advance('70m')
  t.same(host.acts(), [])
  const critical = host.mails().filter(({ subject }) => subject.startsWith('[CRITICAL]'))
  t.equal(critical.length, 2, 'once, and its repeats')
  t.match(critical[0]?.text, /pg_wal holds 1 MB/, 'with what holds the space')
  makeRoom(host)
  const tookMs = await host.until(() => host.mode() === 'healthy', '1m')
  t.ok(tookMs <= 10_000, `${tookMs} ms`)
})

t.test('a server that runs on a full disk gets the ballast and is not stopped', async (t) => {
  const host = await createSmallHost(64 << 20)
  fill(host)
  await host.until(() => host.events().includes('mode-recovering'), '2m')
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), [])
  t.notOk(host.files.paths().includes(BALLAST))
})

t.test('room that is too little for the next WAL file is noticed within one interval, though everything still works', async (t) => {
  const host = await createSmallHost(64 << 20)
  host.files.volumeOf(DATA).availableBytes = 2 << 20
  const noticedMs = await host.until(() => host.mode() === 'suspect', '1m')
  t.ok(noticedMs <= 10_000, `noticed after ${noticedMs} ms`)
  const tookMs = await host.until(() => !host.files.paths().includes(BALLAST), '1m')
  t.ok(noticedMs + tookMs <= 15_000, `the ballast was given up after ${noticedMs + tookMs} ms`)
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), [])
  t.notOk(
    host.mails().some(({ text }) => text.includes('Down for')),
    'it served throughout',
  )
})

t.test('a server that went down on a full disk is not started before there is room, and then within 10 s', async (t) => {
  const host = await createSmallHost()
  fill(host)
  host.server.panic(NO_ROOM)
  await host.advance('40m')
  t.equal(host.mode(), 'waiting')
  t.same(host.acts(), [])
  t.same((await host.savedState())?.attempts, [])
  makeRoom(host)
  const tookMs = await host.until(() => host.server.phase === 'running', '1m')
  t.ok(tookMs <= 10_000, `${tookMs} ms`)
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})

t.test('a server that went down on a full disk is brought back with the ballast', async (t) => {
  const host = await createSmallHost(64 << 20)
  fill(host)
  host.server.panic(NO_ROOM)
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
  t.notOk(host.files.paths().includes(BALLAST))
})

t.test('what frees too little is not started upon again and again', async (t) => {
  const host = await createSmallHost(4 << 20)
  fill(host)
  host.server.panic(NO_ROOM)
  await host.advance('30m')
  t.same(host.acts(), [])
  t.ok(host.files.paths().includes(BALLAST), 'nothing is given away for nothing')
})

t.test('a disk that fills while the server recovers: no start loop, served within 10 s of room', async (t) => {
  const host = await createSmallHost()
  host.server.conditions.redoMs = 20_000
  host.server.crash()
  await host.advance('5s')
  fill(host)
  await host.advance('30m')
  t.same(host.acts(), ['start'])
  t.equal((await host.savedState())?.attempts.length, 0, 'a held recovery costs no attempt')
  host.server.conditions.redoMs = 800
  makeRoom(host)
  const tookMs = await host.until(() => host.server.phase === 'running', '1m')
  t.ok(tookMs <= 10_000, `${tookMs} ms`)
})

t.test('a disk that fills steadily is foretold long before its warning limit, and over once it stops', async (t) => {
  const host = await createSmallHost()
  const volume = host.files.volumeOf(DATA)
  const mailsWith = (pattern: RegExp) => host.mails().filter(({ subject }) => pattern.test(subject))
  for (let minute = 0; minute < 40 && mailsWith(/at this rate full in ~/).length === 0; minute += 1) {
    volume.availableBytes -= 5e6
    await host.advance('1m')
  }
  const [mail] = mailsWith(/data, wal .* \d+ % used, at this rate full in ~\d+ (min|h)/)
  t.match(mail?.text, /pg_wal holds/, 'with what holds the space')
  t.ok(volume.availableBytes > 0.3 * volume.totalBytes)
  t.equal(host.mode(), 'healthy')
  await host.advance('40m')
  t.equal(mailsWith(/over: disk: .* full in/).length, 1)
})
