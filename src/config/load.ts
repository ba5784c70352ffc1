import { buildConfig } from './build-config.ts'
import { checkClusters } from './cluster-checks.ts'
import type { LoadedConfig } from './config.ts'
import { checkTogether } from './cross-checks.ts'
import { checkMail } from './mail-checks.ts'
import { OPTIONS } from './options/index.ts'
import type { FileValues } from './options/index.ts'
import { readTable } from './read-table.ts'
import { openSource } from './source.ts'

/**
 * Reads the text of `/etc/pgwatch.yaml`; `file` is what it is called in messages. Tells all mistakes at once, each with
 * its place, and throws on no text whatever. An empty file means the defaults.
 */
export function parseConfig(text: string, file: string): LoadedConfig {
  const source = openSource(text, file)
  if (source.problems().length > 0) return { ok: false, problems: source.problems() }
  const reading = readTable(source, OPTIONS, source.root, '')
  checkTogether(source, reading)
  checkMail(source, reading)
  checkClusters(source, reading)
  const problems = source.problems()
  if (problems.length > 0) return { ok: false, problems }
  return { ok: true, config: buildConfig(reading.values as FileValues), warnings: source.warnings() }
}
