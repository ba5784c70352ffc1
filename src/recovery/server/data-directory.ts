import type { ControlFile } from '../../core/facts.ts'
import { CONTROL_FILE_BYTES, parseControlFile } from '../../core/postgres/control-file.ts'
import type { StepContext } from '../step.ts'

/** With one of these a recovery takes its WAL from elsewhere. */
const OTHER_WAL = ['standby.signal', 'recovery.signal', 'backup_label']

/** The control file, where it can be read as one. */
export async function readControlFile(context: Pick<StepContext, 'cluster' | 'outside'>): Promise<ControlFile | undefined> {
  const bytes = await context.outside.files.read(`${context.cluster.dataDirectory}/global/pg_control`, { maxBytes: CONTROL_FILE_BYTES })
  const reading = bytes && parseControlFile(bytes)
  return reading?.ok ? reading.controlFile : undefined
}

/** Whether a recovery takes its WAL from elsewhere, so that what is in `pg_wal` proves nothing. */
export async function hasOtherWal(context: StepContext): Promise<boolean> {
  for (const name of OTHER_WAL)
    if ((await context.outside.files.status(`${context.cluster.dataDirectory}/${name}`)) !== undefined) return true
  return false
}
