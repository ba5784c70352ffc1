import t from 'tap'
import { createOutbox, DEFAULT_OUTBOX_SETTINGS, type Outbox } from '../../src/daemon/outbox.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { createFakeFiles, type FakeFiles } from '../fakes/files.ts'
import { createFakeLog } from '../fakes/log.ts'
import { createFakeMailer, DOWN, REFUSED } from '../fakes/mailer.ts'
import { createFakeRandom } from '../fakes/random.ts'

const DIRECTORY = '/state/outbox'
let mails = 0

function mailOf(subject: string): Mail {
  mails += 1
  return { messageId: `m${mails}@db1`, subject, text: `${subject}\n`, priority: 'high', writtenAtWallMs: 1_795_000_000_000 + mails }
}

/** An outbox on fakes; `files` of an earlier one is what a restart finds. */
function ground(files: FakeFiles = createFakeFiles(), settings = {}) {
  const [clock, log, mailer] = [createFakeClock(), createFakeLog(), createFakeMailer()]
  mails += 1
  const needs = {
    files,
    directory: DIRECTORY,
    clock,
    log,
    mailer,
    random: createFakeRandom(mails),
    settings: { ...DEFAULT_OUTBOX_SETTINGS, ...settings },
  }
  return { files, clock, log, mailer, outbox: createOutbox(needs) }
}

const queued = (files: FakeFiles): string[] => files.paths().filter((path) => /outbox\/\d/.test(path))
const subjects = (list: readonly Mail[]): string[] => list.map((mail) => mail.subject)

async function stop(outbox: Outbox): Promise<void> {
  await outbox.stop(AbortSignal.abort())
}

t.test('a mail is on disk before it is sent, and gone after', async (t) => {
  const { files, clock, mailer, outbox } = ground()
  await outbox.put(mailOf('down'))
  t.equal(queued(files).length, 1)
  t.match(files.textOf(queued(files)[0] ?? ''), '"subject":"down"')
  t.same(outbox.status(), { waiting: 1, lastError: '', dropped: 0, refused: 0 })
  await outbox.start()
  await clock.settle()
  t.same(subjects(mailer.sent), ['down'])
  t.same(queued(files), [])
  await stop(outbox)
})

t.test('a killed daemon loses nothing: the next one sends what it finds, oldest first, with the same Message-ID', async (t) => {
  const first = ground()
  const mail = mailOf('one')
  await first.outbox.put(mail)
  await first.outbox.put(mailOf('two'))
  const second = ground(first.files)
  await second.outbox.start()
  await second.clock.settle()
  t.same(subjects(second.mailer.sent), ['one', 'two'])
  t.same(second.mailer.sent[0], mail)
  await stop(second.outbox)
})

t.test('a mail that was sent but not taken off the disk is sent again, not lost', async (t) => {
  const { files, clock, mailer, log, outbox } = ground()
  await outbox.start()
  files.fail({ operation: 'remove', code: 'EIO' })
  await outbox.put(mailOf('one'))
  await clock.settle()
  t.equal(mailer.sent.length, 1)
  t.match(log.of('outbox-trouble')[0]?.message, /would be sent again/)
  t.equal(outbox.status().waiting, 0)
  files.clearFaults()
  const next = ground(files)
  await next.outbox.start()
  await next.clock.settle()
  t.same(subjects(next.mailer.sent), ['one'])
  await stop(outbox)
  await stop(next.outbox)
})

t.test('a dead server is tried again after growing pauses, and everything goes out once it lives', async (t) => {
  const { clock, mailer, log, outbox } = ground()
  await outbox.start()
  mailer.answers.push(...Array.from({ length: 5 }, () => DOWN))
  await outbox.put(mailOf('one'))
  await clock.settle()
  t.equal(mailer.tried.length, 1, 'the first try is at once')
  t.equal(outbox.status().lastError, DOWN.detail)
  await clock.advance(3700)
  t.equal(mailer.tried.length, 1)
  await clock.advance(1300)
  t.equal(mailer.tried.length, 2)
  await clock.advance(10_000)
  t.equal(mailer.tried.length, 3)
  await outbox.put(mailOf('two'))
  await clock.settle()
  t.equal(mailer.tried.length, 4, 'a new mail has its first try at once')
  await clock.advance(200_000)
  t.same(subjects(mailer.sent).sort(), ['one', 'two'])
  t.equal(outbox.status().lastError, '')
  t.same(log.events().filter((event) => event === 'mail-not-sent').length, 5)
  t.equal(log.of('mail-not-sent').filter((entry) => entry.level === 'warning').length, 1, 'one failure is told once')
  t.equal(log.of('mail-works-again').length, 1)
  await stop(outbox)
  t.equal(clock.pendingTimers(), 0)
})

t.test('wake ends the pause', async (t) => {
  const { clock, mailer, outbox } = ground()
  await outbox.start()
  mailer.answers.push(DOWN)
  await outbox.put(mailOf('one'))
  await clock.settle()
  outbox.wake()
  await clock.settle()
  t.equal(mailer.sent.length, 1)
  await stop(outbox)
})

t.test('one mail that the server always puts off does not hold up the others', async (t) => {
  const { clock, mailer, outbox } = ground()
  mailer.answers.push(DOWN)
  await outbox.put(mailOf('put off'))
  await outbox.put(mailOf('two'))
  await outbox.put(mailOf('three'))
  await outbox.start()
  await clock.settle()
  t.same(subjects(mailer.sent), ['two', 'three', 'put off'])
  await stop(outbox)
})

t.test('a mail refused for good is kept aside, told, and does not stop the others', async (t) => {
  const { files, clock, mailer, log, outbox } = ground()
  mailer.answers.push(REFUSED)
  await outbox.put(mailOf('bad'))
  await outbox.put(mailOf('good'))
  await outbox.start()
  await clock.settle()
  t.same(subjects(mailer.sent), ['good'])
  t.same(queued(files), [])
  t.equal(files.paths().filter((path) => path.startsWith(`${DIRECTORY}/refused/`)).length, 1)
  t.match(log.of('mail-refused')[0], { level: 'err', message: /550 no such user.*refused\. Check alerts\.mail\.to/ })
  t.equal(outbox.status().refused, 1)
  await stop(outbox)
})

t.test('refused mails are kept in bounded number', async (t) => {
  const { files, clock, mailer, outbox } = ground()
  await outbox.start()
  for (let index = 0; index < 110; index += 1) {
    mailer.answers.push(REFUSED)
    await outbox.put(mailOf(`bad ${index}`))
    await clock.settle()
  }
  t.equal(files.paths().filter((path) => path.startsWith(`${DIRECTORY}/refused/`)).length, 100)
  await stop(outbox)
})

t.test('without room on disk the mail waits in memory, is told, and still goes out', async (t) => {
  const { files, clock, mailer, log, outbox } = ground()
  files.fail({ operation: 'writeDurably', code: 'ENOSPC' })
  mailer.answers.push(DOWN)
  await outbox.start()
  await outbox.put(mailOf('one'))
  await clock.settle()
  t.match(log.of('outbox-trouble')[0], { level: 'warning', message: /in memory only/ })
  t.equal(outbox.status().waiting, 1)
  files.clearFaults()
  await clock.advance(5000)
  t.same(subjects(mailer.sent), ['one'])
  await stop(outbox)
})

t.test('a mail that could not be written is written at its next failure, once there is room', async (t) => {
  const { files, clock, mailer, outbox } = ground()
  files.fail({ operation: 'writeDurably', code: 'ENOSPC', times: 1 })
  mailer.answers.push(DOWN)
  await outbox.start()
  await outbox.put(mailOf('one'))
  await clock.settle()
  t.equal(queued(files).length, 1)
  await stop(outbox)
})

t.test('when it is full, repeats and INFO go first, news last, and the count is told', async (t) => {
  const { files, clock, mailer, log, outbox } = ground(createFakeFiles(), { maximumMails: 3 })
  await outbox.put(mailOf('news 1'))
  await outbox.put(mailOf('repeat 1'), { expendable: true })
  await outbox.put(mailOf('news 2'))
  await outbox.put(mailOf('news 3'))
  await outbox.put(mailOf('repeat 2'), { expendable: true })
  await outbox.put(mailOf('news 4'))
  t.equal(outbox.status().waiting, 4, 'more than the maximum, rather than lose news')
  t.equal(outbox.status().dropped, 2)
  t.equal(log.of('mail-dropped').length, 2)
  await outbox.start()
  await clock.settle()
  t.same(subjects(mailer.sent), ['news 1', 'news 2', 'news 3', 'news 4'])
  t.match(mailer.sent[0]?.text, 'The outbox was full: 2 less important mails were dropped.')
  t.notMatch(mailer.sent[1]?.text, 'outbox was full')
  t.same(queued(files), [])
  await stop(outbox)
})

t.test('even news is bounded', async (t) => {
  const { files, log, outbox } = ground(createFakeFiles(), { maximumMails: 3 })
  for (let index = 0; index < 10; index += 1) await outbox.put(mailOf(`news ${index}`))
  t.equal(outbox.status().waiting, 6)
  t.equal(queued(files).length, 6)
  t.equal(log.of('mail-dropped')[0]?.level, 'err')
})

t.test('what is no mail is moved aside, what a cut write left is removed, the rest is sent', async (t) => {
  const { files, clock, mailer, log, outbox } = ground()
  files.put(`${DIRECTORY}/001795000000001-aaaaaaaa-keep.json`, '{"messageId":"x"')
  files.put(`${DIRECTORY}/001795000000002-aaaaaaaa-keep.json`, '{"messageId":7}')
  files.put(`${DIRECTORY}/.001795000000003-aaaaaaaa-keep.json.tmp-12`, 'half')
  files.put(`${DIRECTORY}/README`, 'not ours')
  await outbox.put(mailOf('fine'))
  await outbox.start()
  await clock.settle()
  t.same(subjects(mailer.sent), ['fine'])
  t.same(
    files.paths().filter((path) => path.startsWith(`${DIRECTORY}/`)),
    [
      `${DIRECTORY}/README`,
      `${DIRECTORY}/corrupt`,
      `${DIRECTORY}/corrupt/001795000000001-aaaaaaaa-keep.json`,
      `${DIRECTORY}/corrupt/001795000000002-aaaaaaaa-keep.json`,
    ],
  )
  t.equal(log.of('mail-unreadable').length, 2)
  await stop(outbox)
})

t.test('an outbox that cannot be read does not keep the daemon from starting', async (t) => {
  const { files, clock, mailer, log, outbox } = ground()
  files.fail({ operation: 'list', code: 'EACCES' })
  await outbox.start()
  await outbox.put(mailOf('one'))
  await clock.settle()
  t.equal(mailer.sent.length, 1)
  t.equal(log.of('outbox-trouble').length, 1)
  await stop(outbox)
})

t.test('stop gives up a try that hangs when its signal aborts, and keeps the mail', async (t) => {
  const { files, clock, mailer, outbox } = ground()
  mailer.answers.push('hang')
  await outbox.put(mailOf('one'))
  await outbox.start()
  await clock.settle()
  const giveUp = new AbortController()
  let stopped = false
  const stopping = outbox.stop(giveUp.signal).then(() => (stopped = true))
  await clock.settle()
  t.equal(stopped, false, 'the try may end by itself')
  giveUp.abort()
  await stopping
  t.equal(queued(files).length, 1)
  t.equal(clock.pendingTimers(), 0)
})

t.test('one mail at a time is on its way, and put never waits for it', async (t) => {
  const { clock, mailer, outbox } = ground()
  mailer.answers.push('hang')
  await outbox.start()
  await outbox.put(mailOf('one'))
  await outbox.put(mailOf('two'))
  await clock.settle()
  t.equal(mailer.tried.length, 1)
  await stop(outbox)
})
