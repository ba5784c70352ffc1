import type { OptionTable } from './option.ts'

/** `alerts`: who is told, how, and how often. */
export const ALERT_OPTIONS = {
  'alerts.repeat_interval': {
    type: 'duration',
    default: '1h',
    minimum: '0s',
    maximum: '30d',
    sentence: 'Repeats of one alert are held back for this long, and then sent with a count.',
  },
  'alerts.minimum_severity': {
    type: 'choice',
    default: 'INFO',
    choices: ['CRITICAL', 'ERROR', 'WARNING', 'SUCCESS', 'INFO'],
    sentence: 'The least severity that is mailed. The journal has them all.',
  },
  'alerts.summary_schedule': {
    type: 'text',
    format: 'schedule',
    default: '',
    example: '0 6 * * 1',
    sentence: 'When a summary is mailed: minute, hour, day, month and weekday as in a crontab, in UTC. Empty: never.',
  },
  'alerts.mail.to': {
    type: 'list',
    format: 'mail address',
    required: 'in its section',
    example: 'root@localhost',
    sentence: 'Who receives the mails: one address, or a list.',
  },
  'alerts.mail.from': {
    type: 'text',
    format: 'mail address',
    default: 'pgwatchd@localhost',
    sentence: 'The sender of the mails.',
  },
  'alerts.mail.smtp.host': {
    type: 'text',
    format: 'host',
    default: 'localhost',
    sentence: 'The mail server.',
  },
  'alerts.mail.smtp.port': {
    type: 'integer',
    default: '25',
    minimum: '1',
    maximum: '65535',
    sentence: 'Its port: usually 25 without encryption, 587 with starttls, 465 with tls.',
  },
  'alerts.mail.smtp.security': {
    type: 'choice',
    default: 'none',
    choices: ['none', 'starttls', 'tls'],
    sentence: 'Encryption of the connection; with starttls and tls the certificate must be valid.',
  },
  'alerts.mail.smtp.user': {
    type: 'text',
    format: 'words',
    default: '',
    example: 'pgwatchd',
    sentence: 'The user to log in as. Empty: no login. A user needs one of the three passwords below.',
  },
  'alerts.mail.smtp.password_file': {
    type: 'path',
    sensitive: true,
    example: '/etc/pgwatchd/smtp.password',
    sentence: 'A file whose only line is the password; nobody but its owner and group may read it.',
  },
  'alerts.mail.smtp.password_credential': {
    type: 'text',
    format: 'credential name',
    sensitive: true,
    example: 'smtp-password',
    sentence: 'Or: the name of a systemd credential (LoadCredential=) that holds it.',
  },
  'alerts.mail.smtp.password_environment': {
    type: 'text',
    format: 'environment variable',
    sensitive: true,
    example: 'SMTP_PASSWORD',
    sentence: 'Or: the name of an environment variable that holds it.',
  },
  'alerts.mail.smtp.timeout': {
    type: 'duration',
    default: '30s',
    minimum: '1s',
    maximum: '10m',
    sentence: 'Deadline of one delivery. A mail that could not be delivered waits on disk and is tried again.',
  },
} as const satisfies OptionTable
