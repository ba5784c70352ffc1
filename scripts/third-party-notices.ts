import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface PackageFile {
  readonly name: string
  readonly version: string
  readonly license?: string
}

/** The notices of every package that `inputs` (paths below `node_modules`) come from, in alphabetical order. */
export function thirdPartyNotices(inputs: readonly string[]): string {
  const directories = new Set(inputs.map(packageDirectory).filter((directory) => directory !== ''))
  const notices = [...directories].sort().map(notice)
  return ['pgwatchd contains the following packages.', ...notices].join(`\n\n${'-'.repeat(78)}\n\n`) + '\n'
}

/** `node_modules/@scope/name` of the innermost package that holds the file; empty for pgwatchd's own files. */
function packageDirectory(path: string): string {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? ''
}

function notice(directory: string): string {
  const described = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as PackageFile
  return `${described.name} ${described.version}\n\n${licenseText(directory) ?? `License: ${described.license ?? 'not stated'}\n`}`.trimEnd()
}

function licenseText(directory: string): string | undefined {
  const file = readdirSync(directory).find((name) => /^licen[cs]e/i.test(name))
  return file === undefined ? undefined : readFileSync(join(directory, file), 'utf8').trimEnd()
}
