import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import t, { type Test } from 'tap'
import { createClock } from '../../src/adapters/clock/clock.ts'
import { createFiles } from '../../src/adapters/filesystem/files.ts'
import { toFailure } from '../../src/adapters/mail/delivery-failure.ts'
import { createMailer, type MailerOptions } from '../../src/adapters/mail/mailer.ts'
import { createRandom } from '../../src/adapters/random/random.ts'
import { createOutbox, type OutboxSettings } from '../../src/daemon/outbox.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import { createFakeLog } from '../fakes/log.ts'
import { startSmtpSink, type SinkOptions, type SmtpSink } from '../support/smtp-sink.ts'
import { TEST_CERTIFICATE } from '../support/test-certificate.ts'

const RECIPIENTS = ['dba@example.org', 'night@example.org']
const LOGIN = { user: 'pgwatchd', password: 'geheim' }

function mailOf(change: Partial<Mail> = {}): Mail {
  const texts = { subject: '[CRITICAL] db1: prüfen', text: 'Es ist weg.\nGanz weg.\n' }
  return { messageId: 'i1.1@db1', ...texts, priority: 'high', writtenAtWallMs: Date.UTC(2026, 10, 21), ...change }
}

async function sinkFor(t: Test, options: SinkOptions = {}): Promise<SmtpSink> {
  const sink = await startSmtpSink(options)
  t.teardown(() => sink.close())
  return sink
}

interface Change extends Partial<Omit<MailerOptions, 'mail'>> {
  readonly smtp?: Partial<MailerOptions['mail']['smtp']>
}

function mailerFor(port: number, { smtp, ...change }: Change = {}) {
  const server = { host: '127.0.0.1', port, security: 'none' as const, user: '', timeoutMs: 5000, ...smtp }
  const mail = { from: 'pgwatchd@db1.example', to: RECIPIENTS, smtp: server }
  return createMailer({ mail, password: async () => LOGIN.password, host: 'db1.example', ...change })
}

t.test('a mail arrives whole', async (t) => {
  const sink = await sinkFor(t)
  t.match(await mailerFor(sink.port).send(mailOf({ threadId: 'i1.0@db1' }), 5000), { ok: true })
  const [mail] = await sink.received(1)
  t.match(mail, { from: 'pgwatchd@db1.example', to: RECIPIENTS, secure: false, user: '' })
  t.match(mail, { subject: '[CRITICAL] db1: prüfen', messageId: 'i1.1@db1' })
  t.equal(mail?.text, 'Es ist weg.\nGanz weg.\n')
  t.match(mail?.headers, { 'in-reply-to': '<i1.0@db1>', references: '<i1.0@db1>', date: 'Sat, 21 Nov 2026 00:00:00 +0000' })
  t.match(mail?.headers, { 'x-priority': /1/, 'auto-submitted': 'auto-generated' })
})

t.test('a subject cannot smuggle a header', async (t) => {
  const sink = await sinkFor(t)
  await mailerFor(sink.port).send(mailOf({ subject: 'a\r\nBcc: evil@example.org\r\n\r\nbody' }), 5000)
  const [mail] = await sink.received(1)
  t.equal(mail?.headers['bcc'], undefined)
  t.same(mail?.to, RECIPIENTS)
})

t.test('a login goes over an encrypted connection only', async (t) => {
  const trustDirectory = await mkdtemp(join(tmpdir(), 'pgwatchd-trust-'))
  t.teardown(() => rm(trustDirectory, { recursive: true }))
  const trustFile = join(trustDirectory, 'authorities.pem')
  await writeFile(trustFile, TEST_CERTIFICATE.cert)
  const sink = await sinkFor(t, { tls: TEST_CERTIFICATE, login: LOGIN })
  const smtp = { user: LOGIN.user, security: 'starttls' as const }

  await t.test('starttls', async (t) => {
    t.match(await mailerFor(sink.port, { trustFile, smtp }).send(mailOf(), 5000), { ok: true })
    t.match(sink.mails[0], { secure: true, user: LOGIN.user })
  })
  await t.test('tls from the first byte', async (t) => {
    const secure = await sinkFor(t, { tls: TEST_CERTIFICATE, secure: true, login: LOGIN })
    t.match(await mailerFor(secure.port, { trustFile, smtp: { ...smtp, security: 'tls' } }).send(mailOf(), 5000), { ok: true })
    t.match(secure.mails[0], { secure: true, user: LOGIN.user })
  })
  await t.test('a certificate that nobody vouches for', async (t) => {
    t.match(await mailerFor(sink.port, { trustFile: '/nowhere', smtp }).send(mailOf(), 5000), {
      ok: false,
      permanent: false,
      hint: /update-ca-certificates/,
    })
  })
  await t.test('a server that offers no encryption', async (t) => {
    const plain = await sinkFor(t)
    t.match(await mailerFor(plain.port, { trustFile, smtp }).send(mailOf(), 5000), { ok: false, permanent: false })
    t.equal(plain.attempts(), 0)
  })
  await t.test('security none', async (t) => {
    t.match(await mailerFor(sink.port, { smtp: { user: LOGIN.user } }).send(mailOf(), 5000), {
      ok: false,
      permanent: false,
      detail: /not sent in the clear/,
    })
  })
  await t.test('a refused login keeps the mail and does not show the password', async (t) => {
    const answer = await mailerFor(sink.port, { trustFile, smtp, password: async () => 'wrong-geheim' }).send(mailOf(), 5000)
    t.match(answer, { ok: false, permanent: false, hint: /smtp\.user and its password/ })
    t.notMatch(JSON.stringify(answer), 'geheim')
  })
  await t.test('a password that cannot be read', async (t) => {
    const password = () => Promise.reject(new Error('cannot read /etc/pgwatchd/smtp: EACCES'))
    t.match(await mailerFor(sink.port, { trustFile, smtp, password }).send(mailOf(), 5000), {
      ok: false,
      permanent: false,
      detail: /EACCES/,
    })
  })
})

t.test('a refusal is permanent only when it is about this mail', async (t) => {
  const sink = await sinkFor(t)
  const mailer = mailerFor(sink.port)
  sink.behave('refuse-for-now')
  t.match(await mailer.send(mailOf(), 5000), { ok: false, permanent: false, detail: /451/ })
  sink.behave('refuse-for-good')
  t.match(await mailer.send(mailOf(), 5000), { ok: false, permanent: true, detail: /550/, hint: /alerts\.mail\.to/ })
  sink.behave('drop')
  t.match(await mailer.send(mailOf(), 5000), { ok: false, permanent: false })
  const permanent = (code: string, responseCode: number): boolean => toFailure({ code, responseCode, message: 'x' }, 's').permanent
  t.same([permanent('EAUTH', 535), permanent('EENVELOPE', 530), permanent('EPROTOCOL', 554)], [false, false, false])
  t.same([permanent('EMESSAGE', 552), permanent('EENVELOPE', 450)], [true, false])
})

t.test('a server that takes the connection and never answers is given up at the deadline', async (t) => {
  const [silent, port] = await silentServer()
  t.teardown(() => silent.close())
  t.match(await mailerFor(port).send(mailOf(), 300), { ok: false, permanent: false, detail: /no end after 300 ms/, hint: /firewall/ })
  t.match(await mailerFor(port, { smtp: { timeoutMs: 200 } }).send(mailOf(), 60_000), { ok: false, permanent: false })
  t.match(await mailerFor(port).send(mailOf(), 60_000, AbortSignal.timeout(100)), { ok: false, permanent: false, detail: /given up/ })
})

t.test('nobody there', async (t) => {
  const [gone, port] = await silentServer()
  gone.close()
  await once(gone, 'close')
  t.match(await mailerFor(port).send(mailOf(), 5000), { ok: false, permanent: false, detail: /ECONNREFUSED/, hint: /Nothing listens/ })
  t.match(await mailerFor(25, { smtp: { host: 'no-such-host.invalid' } }).send(mailOf(), 5000), {
    ok: false,
    permanent: false,
    hint: /cannot be resolved/,
  })
})

const FAST: OutboxSettings = { maximumMails: 50, sendTimeoutMs: 500, firstRetryMs: 50, maximumRetryMs: 200 }

t.test('through the outbox on a real disk: down, hanging, dropping, then up', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'pgwatchd-outbox-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const sink = await startSmtpSink({ behaviour: 'hang' })
  const outside = { files: createFiles(), clock: createClock(), random: createRandom(), log: createFakeLog() }
  const make = (port: number) => createOutbox({ ...outside, directory, mailer: mailerFor(port), settings: FAST })

  await t.test('down', async (t) => {
    const [gone, port] = await silentServer()
    gone.close()
    const outbox = make(port)
    await outbox.put(mailOf())
    await outbox.start()
    while (!outbox.status().lastError.includes('ECONNREFUSED')) await createClock().sleep(10)
    await outbox.stop(AbortSignal.abort())
    t.equal((await readdir(directory)).length, 1, 'still on disk')
  })

  await t.test('hanging, then dropping in the middle, then up', async (t) => {
    const outbox = make(sink.port)
    await outbox.start()
    while (!outbox.status().lastError.includes('no end after')) await createClock().sleep(10)
    sink.behave('drop')
    const before = sink.attempts()
    while (sink.attempts() < before + 2) await createClock().sleep(10)
    await outbox.put(mailOf({ messageId: 'i1.2@db1', threadId: 'i1.1@db1' }))
    sink.behave('accept')
    const mails = await sink.received(2)
    t.same([...new Set(mails.map((mail) => mail.messageId))].sort(), ['i1.1@db1', 'i1.2@db1'])
    while (outbox.status().waiting > 0) await createClock().sleep(10)
    await outbox.stop()
    t.same(await readdir(directory), [])
  })
  await sink.close()
})

async function silentServer(): Promise<[Server, number]> {
  const server = createServer((socket) => socket.on('error', () => {}))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return [server, (server.address() as AddressInfo).port]
}

t.test('what the outbox has confirmed survives kill -9 at any moment', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'pgwatchd-outbox-'))
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const confirmed: string[] = []
  for (const killAfter of [1, 7, 20]) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', writerOf(directory, killAfter)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let mine = 0
    for await (const line of createInterface(child.stdout)) {
      confirmed.push(line)
      mine += 1
      if (mine === killAfter) child.kill('SIGKILL')
    }
  }
  const sink = await sinkFor(t)
  const outside = { files: createFiles(), clock: createClock(), random: createRandom(), log: createFakeLog() }
  const outbox = createOutbox({ ...outside, directory, mailer: mailerFor(sink.port), settings: { ...FAST, maximumMails: 5000 } })
  await outbox.start()
  // What was on disk when a writer was killed may be more than it had confirmed: every mail is waited for.
  await sink.received(confirmed.length)
  while (outbox.status().waiting > 0) await createClock().sleep(10)
  const arrived = new Set(sink.mails.map((mail) => mail.messageId))
  t.equal(confirmed.length >= 28, true)
  t.same(
    confirmed.filter((id) => !arrived.has(id)),
    [],
  )
  await outbox.stop()
})

/** A program that puts mails into an outbox as fast as it can, and prints the id of each when it is confirmed. */
function writerOf(directory: string, run: number): string {
  const source = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
  return `
    import { createOutbox } from ${source('daemon/outbox.ts')}
    import { createFiles } from ${source('adapters/filesystem/files.ts')}
    import { createClock } from ${source('adapters/clock/clock.ts')}
    import { createRandom } from ${source('adapters/random/random.ts')}
    const mailer = { send: async () => ({ ok: false, permanent: false, detail: 'down', hint: '' }) }
    const log = { write() {}, async flush() {} }
    const outbox = createOutbox({ files: createFiles(), directory: ${JSON.stringify(directory)}, mailer, log, clock: createClock(), random: createRandom() })
    for (let index = 0; ; index += 1) {
      const messageId = 'run${run}.' + index + '@db1'
      await outbox.put({ messageId, subject: 'x', text: 'x', priority: 'high', writtenAtWallMs: Date.now() })
      process.stdout.write(messageId + '\\n')
    }`
}
