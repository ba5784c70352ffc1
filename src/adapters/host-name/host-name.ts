import { hostname } from 'node:os'

/** The name of this host, as it stands in mails. */
export function readHostName(): string {
  return hostname()
}
