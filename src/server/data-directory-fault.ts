import type { Cluster } from '../core/cluster.ts'
import { CONTROL_FILE_BYTES, parseControlFile } from '../core/postgres/control-file.ts'
import type { Files } from '../ports/files.ts'

const VERSION_BYTES = 64
const PLAUSIBLE = ['base', 'global', 'pg_wal', 'pg_xact']

/** Why no server could start on the data directory, as far as a look at a few small files tells; empty when nothing speaks against it. */
export async function findDataDirectoryFault(
  { dataDirectory, majorVersion }: Pick<Cluster, 'dataDirectory' | 'majorVersion'>,
  files: Pick<Files, 'list' | 'read' | 'readText'>,
): Promise<string> {
  const names = await files.list(dataDirectory)
  if (names === undefined) return 'it does not exist; is its volume mounted?'
  if (names.length === 0) return 'it is empty; is its volume mounted?'
  const missing = PLAUSIBLE.filter((name) => !names.includes(name))
  if (missing.length > 0) return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`
  const version = await files.readText(`${dataDirectory}/PG_VERSION`, { maxBytes: VERSION_BYTES })
  if (!/^\d+\s*$/.test(version ?? '')) return `PG_VERSION is ${version === undefined ? 'missing' : 'damaged'}`
  if (majorVersion > 0 && Number(version) !== majorVersion)
    return `PG_VERSION says ${version?.trim() ?? ''}, but the programs are those of ${majorVersion}`
  const control = await files.read(`${dataDirectory}/global/pg_control`, { maxBytes: CONTROL_FILE_BYTES })
  if (control === undefined) return 'global/pg_control is missing'
  const reading = parseControlFile(control)
  return reading.ok ? '' : `global/pg_control cannot be read: ${reading.why}`
}
