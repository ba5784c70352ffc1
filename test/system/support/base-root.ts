import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { run } from './run.ts'

/** A release of Debian with the version of PostgreSQL that it packages. */
export interface Release {
  readonly name: 'bookworm' | 'trixie'
  readonly postgresVersion: number
}

const RELEASES: readonly Release[] = [
  { name: 'bookworm', postgresVersion: 15 },
  { name: 'trixie', postgresVersion: 17 },
]
const BUILDER = `${import.meta.dirname}/build-root`
const BUILD_TIMEOUT_MS = 600_000

/** The release that this run is about: `PGWATCHD_TEST_RELEASE`, by default Debian 12. */
export function testedRelease(): Release {
  const name = process.env['PGWATCHD_TEST_RELEASE'] ?? 'bookworm'
  const release = RELEASES.find((candidate) => candidate.name === name)
  if (release === undefined) throw new Error(`no such release: ${name}`)
  return release
}

/** The folder with the installed release; built when it is not in the cache, which takes about two minutes. */
export async function ensureBaseRoot(release: Release): Promise<string> {
  const recipe = createHash('sha256').update(readFileSync(BUILDER)).digest('hex').slice(0, 12)
  const root = `${process.env['XDG_CACHE_HOME'] ?? '/var/cache'}/pgwatchd-test/${release.name}-${recipe}`
  if (!existsSync(root)) await run([BUILDER, release.name, root], { timeoutMs: BUILD_TIMEOUT_MS })
  return root
}
