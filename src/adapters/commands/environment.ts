import { homedir } from 'node:os'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * All that a program is given. `NOTIFY_SOCKET` and its like must not reach PostgreSQL, which would speak to systemd in
 * pgwatchd's name; passwords and `PG*` settings of the daemon are nobody else's; and messages are parsed, so they are
 * in English.
 */
export function buildEnvironment(added: Readonly<Record<string, string>> | undefined): Record<string, string> {
  const timeZone = process.env['TZ']
  return { PATH, LC_ALL: 'C', HOME: homedir(), ...(timeZone === undefined ? {} : { TZ: timeZone }), ...added }
}
