import { readFile } from 'node:fs/promises'
import type { Delivery, Mail, Mailer } from '../../ports/mailer.ts'
import { toFailure, type MailError } from './delivery-failure.ts'

/** The same shape as `config.alerts.mail`, without the password's source. */
export interface MailSettings {
  readonly from: string
  readonly to: readonly string[]
  readonly smtp: {
    readonly host: string
    readonly port: number
    /** `starttls` and `tls` insist on encryption and a trusted certificate. */
    readonly security: 'none' | 'starttls' | 'tls'
    /** Empty: no login. */
    readonly user: string
    /** For the connection, the greeting, and each answer. */
    readonly timeoutMs: number
  }
}

export interface MailerOptions {
  readonly mail: MailSettings
  /** Asked for at each try, so that a changed password needs no restart. May reject: then the try fails and says so. */
  readonly password: () => Promise<string | undefined>
  /** Name of this host, for EHLO. */
  readonly host: string
  /** Certificate authorities in PEM, trusted besides Node's own: Debian's `ca-certificates`. A missing file is fine. */
  readonly trustFile?: string
}

const SYSTEM_TRUST_FILE = '/etc/ssl/certs/ca-certificates.crt'

/** Sends by SMTP, one connection per mail. nodemailer is loaded with the first mail: it costs 9 MB. */
export function createMailer(options: MailerOptions): Mailer {
  return { send: (mail, timeoutMs, signal) => send(options, mail, timeoutMs, signal) }
}

async function send(options: MailerOptions, mail: Mail, timeoutMs: number, signal?: AbortSignal): Promise<Delivery> {
  const { smtp } = options.mail
  const server = `${smtp.host}:${smtp.port}`
  const deadline = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])])
  try {
    return await deliver(options, mail, deadline)
  } catch (error) {
    if (signal?.aborted) return { ok: false, permanent: false, detail: `${server}: given up`, hint: '' }
    if (deadline.aborted) return toFailure({ code: 'ETIMEDOUT', message: `no end after ${timeoutMs} ms` }, server)
    return toFailure(error as MailError, server)
  }
}

async function deliver(options: MailerOptions, mail: Mail, signal: AbortSignal): Promise<Delivery> {
  const login = await loginFor(options)
  if (login === 'unsafe') return REFUSED_IN_THE_CLEAR
  const { createTransport } = await import('nodemailer')
  const transport = createTransport({ ...(await connectionFor(options)), ...(login === undefined ? {} : { auth: login }) })
  const info = await transport.sendMail({ ...messageFor(options, mail), signal })
  const rejected = info.rejected.length === 0 ? '' : `; refused for ${info.rejected.map(String).join(', ')}`
  return { ok: true, detail: `${info.response.slice(0, 200)}${rejected}` }
}

const REFUSED_IN_THE_CLEAR: Delivery = {
  ok: false,
  permanent: false,
  detail: 'a login is configured, and the connection is not encrypted: the password is not sent in the clear',
  hint: 'Set alerts.mail.smtp.security to starttls or tls, or remove the user.',
}

async function loginFor(options: MailerOptions): Promise<{ user: string; pass: string } | 'unsafe' | undefined> {
  const { user, security } = options.mail.smtp
  if (user === '') return undefined
  return security === 'none' ? 'unsafe' : { user, pass: (await options.password()) ?? '' }
}

async function connectionFor(options: MailerOptions) {
  const { host, port, security, timeoutMs } = options.mail.smtp
  return {
    host,
    port,
    name: options.host,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    dnsTimeout: timeoutMs,
    tls: security === 'none' ? {} : await trustFor(options),
  }
}

/** Node trusts only what it was built with; what this host's administrator trusts counts as well. */
async function trustFor(options: MailerOptions) {
  const { rootCertificates } = await import('node:tls')
  const own = await readFile(options.trustFile ?? SYSTEM_TRUST_FILE, 'utf8').catch(() => undefined)
  return { minVersion: 'TLSv1.2' as const, ca: own === undefined ? [...rootCertificates] : [...rootCertificates, own] }
}

function messageFor(options: MailerOptions, mail: Mail) {
  const thread = mail.threadId === undefined ? {} : { inReplyTo: `<${mail.threadId}>`, references: [`<${mail.threadId}>`] }
  return {
    from: options.mail.from,
    to: [...options.mail.to],
    subject: mail.subject.replace(/[\r\n]+/g, ' '),
    text: mail.text,
    date: new Date(mail.writtenAtWallMs),
    messageId: `<${mail.messageId}>`,
    priority: mail.priority,
    /** RFC 3834: keeps out-of-office answers away. */
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Mailer': 'pgwatchd' },
    disableFileAccess: true,
    disableUrlAccess: true,
    ...thread,
  }
}
