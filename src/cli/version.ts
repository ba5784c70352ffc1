import { readFileSync } from 'node:fs'

/** Written into the bundle by the build; not defined when run from source. */
declare const PGWATCHD_VERSION: string | undefined
/** Same; empty when the build was made outside a checkout. */
declare const PGWATCHD_COMMIT: string | undefined

function versionFromSource(): string {
  const description: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const version = typeof description === 'object' && description !== null && 'version' in description ? description.version : undefined
  return typeof version === 'string' ? version : 'unknown'
}

/** pgwatchd's own version, such as "0.1.0". */
export function pgwatchdVersion(): string {
  return typeof PGWATCHD_VERSION === 'string' ? PGWATCHD_VERSION : versionFromSource()
}

/** The commit that the bundle was built from; empty when unknown. */
export function pgwatchdCommit(): string {
  return typeof PGWATCHD_COMMIT === 'string' ? PGWATCHD_COMMIT : ''
}
