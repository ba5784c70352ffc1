import type { Config, ConfigProblem } from '../config/config.ts'
import { parseConfig } from '../config/load.ts'
import type { Files } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'

const DEFAULT_FILE = '/etc/pgwatch.yaml'
const MAX_BYTES = 1024 * 1024

export type ReadConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly string[] }
  /** Each `file:line:column: message`. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads and checks the configuration. The default file may be missing: then everything is default. */
export async function readConfig(file: string, files: Files): Promise<ReadConfig> {
  try {
    const text = await files.readText(file, { maxBytes: MAX_BYTES })
    if (text === undefined && file !== DEFAULT_FILE) return { ok: false, problems: [`cannot read ${file}: it does not exist`] }
    const loaded = parseConfig(text ?? '', file)
    if (!loaded.ok) return { ok: false, problems: loaded.problems.map(placed) }
    const missing = text === undefined ? [`${file} does not exist: every option has its default`] : []
    return { ok: true, config: loaded.config, warnings: [...missing, ...loaded.warnings.map(placed)] }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return { ok: false, problems: [error.message] }
  }
}

function placed(problem: ConfigProblem): string {
  return `${problem.file}:${problem.line}:${problem.column}: ${problem.message}`
}
