import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import { megabytes } from './room.ts'

const STATEMENT_TIMEOUT_MS = 5_000
const SLOTS = `
  select slot_name || case when active then '' else ', which nobody reads' end as name,
         pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn)::bigint::text as bytes
    from pg_catalog.pg_replication_slots
   where restart_lsn is not null and not pg_catalog.pg_is_in_recovery()
   order by pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn) desc
   limit 3`
const WORTH_NAMING_BYTES = 64 * 1024 * 1024

/** What holds the space that the safe list could not give back: one sentence each, for the person who has to decide. */
export async function explainUse(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  return (await Promise.all([explainWal(context), explainSlots(context, signal), explainLogs(context)])).flat()
}

async function explainWal(context: StepContext): Promise<readonly string[]> {
  const wal = `${context.cluster.dataDirectory}/pg_wal`
  const waiting = ((await context.outside.files.list(`${wal}/archive_status`)) ?? []).filter((name) => name.endsWith('.ready')).length
  const archiver = waiting === 0 ? [] : [`${waiting} WAL files wait for archive_command: it fails or is too slow`]
  return [`pg_wal holds ${megabytes(await sizeBelow(context, wal))}`, ...archiver]
}

async function explainSlots(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  const answer = await askOnce(context, undefined, SLOTS, STATEMENT_TIMEOUT_MS, signal)
  if (!answer.ok) return slotsOnDisk(context)
  return answer.value
    .filter((row) => Number(row['bytes']) > WORTH_NAMING_BYTES)
    .map((row) => `replication slot ${String(row['name'])}, keeps ${megabytes(Number(row['bytes']))} of WAL`)
}

/** Without a server only the names can be told. */
async function slotsOnDisk(context: StepContext): Promise<readonly string[]> {
  const names = (await context.outside.files.list(`${context.cluster.dataDirectory}/pg_replslot`)) ?? []
  return names.length === 0 ? [] : [`replication slots that may keep WAL: ${names.slice(0, 5).join(', ')}`]
}

async function explainLogs(context: StepContext): Promise<readonly string[]> {
  const { logFile } = context.cluster
  const status = logFile === '' ? undefined : await context.outside.files.status(logFile)
  return status === undefined || status.allocatedBytes < WORTH_NAMING_BYTES
    ? []
    : [`the open server log holds ${megabytes(status.allocatedBytes)}`]
}

async function sizeBelow(context: StepContext, directory: string): Promise<number> {
  let totalBytes = 0
  for (const name of (await context.outside.files.list(directory)) ?? []) {
    totalBytes += (await context.outside.files.status(`${directory}/${name}`))?.allocatedBytes ?? 0
  }
  return totalBytes
}
