import { globSync, statSync } from 'node:fs'
import { run } from './run.ts'

const BUILD_TIMEOUT_MS = 300_000
const SOURCES = ['src/**/*.ts', 'systemd/**/*', 'packaging/*', 'config/*', 'scripts/package', 'scripts/build.ts', 'package-lock.json']
const BUILD_UNLESS_CURRENT = 'node test/system/support/package-is-current.ts || scripts/package --fast'

/**
 * Path of the package made of these sources. It is built when there is none or a source is newer, unless the runner of
 * the tests has built it already (`PGWATCHD_TEST_PACKAGE`). A second caller waits.
 */
export async function ensurePackage(): Promise<string> {
  if (process.env['PGWATCHD_TEST_PACKAGE'] === undefined)
    await run(['flock', '/run/lock/pgwatchd-package', 'bash', '-c', BUILD_UNLESS_CURRENT], { timeoutMs: BUILD_TIMEOUT_MS })
  const path = newestPackage()
  if (path === undefined) throw new Error('scripts/package --fast left no package in dist')
  return path
}

/** Whether there is a package, and none of its sources is newer. */
export function isPackageCurrent(): boolean {
  const path = newestPackage()
  if (path === undefined) return false
  const builtMs = statSync(path).mtimeMs
  return SOURCES.flatMap((pattern) => globSync(pattern)).every((source) => statSync(source).mtimeMs <= builtMs)
}

function newestPackage(): string | undefined {
  return globSync('dist/pgwatchd_*_amd64.deb').sort().pop()
}
