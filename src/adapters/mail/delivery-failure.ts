import type { Delivery } from '../../ports/mailer.ts'

/** The members of nodemailer's errors that tell one failure from another. */
export interface MailError {
  readonly code?: string
  /** The server's three digits. */
  readonly responseCode?: number
  readonly message?: string
  /** "RCPT TO", "AUTH PLAIN" */
  readonly command?: string
}

/** Answers that complain of this client's set-up, not of the mail: mending the set-up lets the same mail pass. */
const SET_UP_CODES = [502, 503, 504, 530, 534, 535, 538]

const HINTS: Readonly<Record<string, string>> = {
  EAUTH: 'Check alerts.mail.smtp.user and its password.',
  ENOAUTH: 'The server wants a login: set alerts.mail.smtp.user and its password.',
  ECONNREFUSED: 'Nothing listens there: check alerts.mail.smtp.host and port, and whether the mail server runs.',
  ETIMEDOUT: 'The server does not answer: check host and port, and that no firewall drops the connection.',
  ECONNECTION: 'The server ended the connection: its log says why; check port and security.',
  ESOCKET: 'The connection broke: check port and security (starttls is usual on 587, tls on 465).',
  EDNS: 'The name cannot be resolved: check alerts.mail.smtp.host and /etc/resolv.conf.',
  ETLS: 'TLS failed: check alerts.mail.smtp.security and the certificate of the server.',
  EPROTOCOL: 'What answers there is no SMTP server that serves us: check host, port and security.',
  certificate:
    'The certificate of the mail server is not trusted: use the name it was issued for as host, ' +
    'or add its authority with update-ca-certificates.',
  recipient: 'Check alerts.mail.from and alerts.mail.to, and whether the server relays for this host.',
  message: 'The server does not want this text: its log says why.',
}

/** What a failed try means: whether a later one can help, and what an operator can do. Never shows a password. */
export function toFailure(error: MailError, server: string): Delivery & { readonly ok: false } {
  const kind = kindOf(error)
  return {
    ok: false,
    permanent: isPermanent(error),
    detail: `${server}: ${oneLine(error.message ?? 'failed without a reason')}`,
    hint: HINTS[kind] ?? '',
  }
}

function kindOf(error: MailError): string {
  const text = error.message ?? ''
  if (/certificate|self.signed|altnames|unable to (get|verify)/i.test(text)) return 'certificate'
  if (/ECONNREFUSED/.test(text)) return 'ECONNREFUSED'
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return 'EDNS'
  if (SET_UP_CODES.includes(error.responseCode ?? 0)) return error.code === 'EAUTH' ? 'EAUTH' : 'ENOAUTH'
  if (error.code === 'EENVELOPE') return 'recipient'
  return error.code === 'EMESSAGE' ? 'message' : (error.code ?? '')
}

/** Only a refusal of this very mail by the server (5xx to its sender, recipients or text). */
function isPermanent(error: MailError): boolean {
  const response = error.responseCode ?? 0
  const aboutMail = error.code === 'EENVELOPE' || error.code === 'EMESSAGE'
  return aboutMail && response >= 500 && response < 600 && !SET_UP_CODES.includes(response)
}

function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').slice(0, 500)
}
