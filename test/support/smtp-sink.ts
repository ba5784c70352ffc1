import { SMTPServer, type SMTPServerSession } from 'smtp-server'
import type { Readable } from 'node:stream'
import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** `hang`: takes the connection and never answers the mail. `drop`: ends the connection in the middle of the text. */
export type SinkBehaviour = 'accept' | 'refuse-for-now' | 'refuse-for-good' | 'refuse-login' | 'hang' | 'drop'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** The login used; empty when there was none. */
  readonly user: string
  readonly secure: boolean
  /** Header lines by lower-case name, unfolded and decoded. */
  readonly headers: Readonly<Record<string, string>>
  readonly subject: string
  readonly messageId: string
  /** Decoded. */
  readonly text: string
  readonly raw: string
}

export interface SmtpSink {
  readonly port: number
  /** What was taken, oldest first. */
  readonly mails: readonly ReceivedMail[]
  /** Tries that reached `MAIL FROM`, whatever became of them. */
  attempts(): number
  behave(behaviour: SinkBehaviour): void
  /** Resolves once `count` mails were taken; rejects after `timeoutMs`. */
  received(count: number, timeoutMs?: number): Promise<readonly ReceivedMail[]>
  close(): Promise<void>
}

export interface SinkOptions {
  /** 0 or missing: any free port. */
  readonly port?: number
  readonly behaviour?: SinkBehaviour
  /** Certificate and key in PEM; without them the sink offers no TLS. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** TLS from the first byte instead of STARTTLS. */
  readonly secure?: boolean
  /** The only accepted login; without it none is asked for. */
  readonly login?: { readonly user: string; readonly password: string }
}

/** An SMTP server on 127.0.0.1 that keeps what it takes and misbehaves on request. */
export async function startSmtpSink(options: SinkOptions = {}): Promise<SmtpSink> {
  const mails: ReceivedMail[] = []
  const events = new EventEmitter()
  let behaviour = options.behaviour ?? 'accept'
  let attempts = 0
  const server = new SMTPServer({
    ...(options.tls ?? { disabledCommands: options.login === undefined ? ['STARTTLS', 'AUTH'] : ['STARTTLS'] }),
    secure: options.secure === true,
    authOptional: options.login === undefined,
    allowInsecureAuth: true,
    logger: false,
    closeTimeout: 100,
    onAuth: (auth, _session, done) => {
      const right = auth.username === options.login?.user && auth.password === options.login?.password
      if (right && behaviour !== 'refuse-login') done(null, { user: auth.username ?? '' })
      else done(refusal(535, '5.7.8 authentication failed'))
    },
    onMailFrom: (_address, _session, done) => {
      attempts += 1
      events.emit('attempt')
      if (behaviour === 'refuse-for-now') done(refusal(451, '4.3.0 try again later'))
      else if (behaviour === 'refuse-for-good') done(refusal(550, '5.7.1 relaying denied'))
      else if (behaviour !== 'hang') done()
    },
    onData: (stream, session, done) => {
      const take = (raw: string): void => {
        if (behaviour === 'drop') return dropAll(server)
        mails.push(toMail(raw, session))
        done(null, 'taken')
        events.emit('mail')
      }
      // A client that is killed in the middle of its mail has sent none.
      void readAll(stream).then(take, () => undefined)
    },
  })
  server.on('error', () => {})
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server.server, 'listening')

  async function received(count: number, timeoutMs = 10_000): Promise<readonly ReceivedMail[]> {
    const late = AbortSignal.timeout(timeoutMs)
    while (mails.length < count) await once(events, 'mail', { signal: late })
    return mails
  }

  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    attempts: () => attempts,
    behave: (next) => void (behaviour = next),
    received,
    close: async () => {
      dropAll(server)
      await Promise.race([new Promise<void>((resolve) => server.close(resolve)), sleep(1000, undefined, { ref: false })])
    },
  }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

function dropAll(server: SMTPServer): void {
  for (const connection of server.connections) (connection as unknown as { _socket: { destroy(): void } })._socket.destroy()
}

async function readAll(stream: Readable): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

function toMail(raw: string, session: SMTPServerSession): ReceivedMail {
  const [head = '', ...body] = raw.split('\r\n\r\n')
  const headers = parseHeaders(head)
  const sender = session.envelope.mailFrom
  return {
    from: sender === false ? '' : sender.address,
    to: session.envelope.rcptTo.map((each) => each.address),
    user: typeof session.user === 'string' ? session.user : '',
    secure: session.secure,
    headers,
    subject: headers['subject'] ?? '',
    messageId: (headers['message-id'] ?? '').replace(/[<>]/g, ''),
    text: decodeBody(body.join('\r\n\r\n'), headers['content-transfer-encoding'] ?? ''),
    raw,
  }
}

function parseHeaders(head: string): Record<string, string> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), decodeWords(line.slice(line.indexOf(':') + 1).trim())]),
  )
}

/** RFC 2047 */
function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_all, form: string, text: string) =>
      form.toLowerCase() === 'b' ? Buffer.from(text, 'base64').toString('utf8') : decodeQuoted(text.replace(/_/g, ' ')),
    )
}

function decodeBody(body: string, encoding: string): string {
  const plain =
    encoding === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : encoding === 'quoted-printable' ? decodeQuoted(body) : body
  return plain.replace(/\r\n/g, '\n')
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/gi, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
