import type { OPTIONS } from './options/index.ts'
import type { TableReading } from './read-table.ts'
import type { Source } from './source.ts'
import { checkOnePassword } from './password-checks.ts'

type FileReading = TableReading<typeof OPTIONS>

const SMTP = 'alerts.mail.smtp'
const LOCAL_HOSTS = ['localhost', '127.0.0.1', '::1']

/** Finds what is wrong or unwise about `alerts`. */
export function checkMail(source: Source, reading: FileReading): void {
  checkOnePassword(source, reading, `${SMTP}.`)
  checkLogin(source, reading)
  warnOfNoMail(source, reading)
  warnOfOpenPassword(source, reading)
  warnOfPort(source, reading)
}

function hasPassword({ offsets }: FileReading): boolean {
  return ['file', 'credential', 'environment'].some((from) => offsets.has(`${SMTP}.password_${from}`))
}

function checkLogin(source: Source, reading: FileReading): void {
  const user = reading.values[`${SMTP}.user`]
  const offset = reading.offsets.get(`${SMTP}.user`) ?? reading.offsets.get(SMTP) ?? 0
  if (user === undefined) return
  if (user !== '' && !hasPassword(reading)) {
    source.fail(offset, `${SMTP}.user: needs a password; add password_file, password_credential or password_environment`)
  }
  if (user === '' && hasPassword(reading)) source.fail(offset, `${SMTP}.user: is missing, although there is a password`)
}

function warnOfNoMail(source: Source, { offsets }: FileReading): void {
  if (offsets.has('alerts.mail')) return
  source.warn(offsets.get('alerts') ?? 0, 'alerts.mail: no mail is configured, so alerts go to the journal only; set alerts.mail.to')
}

function warnOfOpenPassword(source: Source, { values, offsets }: FileReading): void {
  const host = values[`${SMTP}.host`]
  const isOpen = values[`${SMTP}.security`] === 'none' && values[`${SMTP}.user`] !== '' && values[`${SMTP}.user`] !== undefined
  if (!isOpen || host === undefined || LOCAL_HOSTS.includes(host)) return
  const offset = offsets.get(`${SMTP}.user`) ?? 0
  source.warn(offset, `${SMTP}.security: the password crosses the network in the clear; set security to starttls or tls`)
}

function warnOfPort(source: Source, { values, offsets }: FileReading): void {
  if (values[`${SMTP}.security`] !== 'tls' || offsets.has(`${SMTP}.port`)) return
  source.warn(offsets.get(`${SMTP}.security`) ?? 0, `${SMTP}.port: is 25, where servers do not expect tls at once; it is usually 465`)
}
