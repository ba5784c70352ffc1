import type { ControlFile } from '../../core/facts.ts'
import { CONTROL_FILE_BYTES, parseControlFile } from '../../core/postgres/control-file.ts'
import type { StepContext } from '../step.ts'

/** Modes that PostgreSQL accepts for the data directory. */
const MODES = [0o700, 0o750]
/** With one of these a recovery takes its WAL from elsewhere. */
const OTHER_WAL = ['standby.signal', 'recovery.signal', 'backup_label']

/** The control file, where it can be read as one. */
export async function readControlFile(context: StepContext): Promise<ControlFile | undefined> {
  const reading = await readControl(context)
  return typeof reading !== 'string' && reading.ok ? reading.controlFile : undefined
}

/** What would keep the server from starting, or make it start with less than it had; `undefined` when nothing is found. */
export async function findFault(context: StepContext): Promise<string | undefined> {
  const { files } = context.outside
  const version = await files.readText(`${context.cluster.dataDirectory}/PG_VERSION`, { maxBytes: 64 })
  const { majorVersion } = context.cluster
  if (!/^\d+\s*$/.test(version ?? ''))
    return `PG_VERSION is ${version === undefined ? 'missing' : 'damaged'}; it has to hold the major version and nothing else`
  if (majorVersion > 0 && Number(version) !== majorVersion)
    return `PG_VERSION says ${version?.trim()}, but the programs are those of ${majorVersion}`
  const control = await readControl(context)
  if (typeof control === 'string') return control
  if (!control.ok)
    return control.problem === 'damaged'
      ? `global/pg_control is damaged: ${control.why}; copy it from a backup of the same shutdown`
      : undefined
  const wal = await files.status(`${context.cluster.dataDirectory}/pg_wal`)
  return wal === undefined ? 'pg_wal is missing' : undefined
}

/** The mode of the data directory when PostgreSQL would refuse it; `undefined` when it is fine. */
export async function findWrongMode(context: StepContext): Promise<number | undefined> {
  const status = await context.outside.files.status(context.cluster.dataDirectory)
  return status === undefined || status.kind !== 'directory' || MODES.includes(status.mode) ? undefined : status.mode
}

async function readControl(context: StepContext): Promise<ReturnType<typeof parseControlFile> | string> {
  const bytes = await context.outside.files.read(`${context.cluster.dataDirectory}/global/pg_control`, { maxBytes: CONTROL_FILE_BYTES })
  return bytes === undefined ? 'global/pg_control is missing; copy it from a backup of the same shutdown' : parseControlFile(bytes)
}

/** Whether a recovery takes its WAL from elsewhere, so that what is in `pg_wal` proves nothing. */
export async function hasOtherWal(context: StepContext): Promise<boolean> {
  for (const name of OTHER_WAL)
    if ((await context.outside.files.status(`${context.cluster.dataDirectory}/${name}`)) !== undefined) return true
  return false
}
