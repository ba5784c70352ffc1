import { checkpointOf, filesOfCheckpoint } from '../../core/postgres/checkpoint.ts'
import { CONTROL_FILE_BYTES } from '../../core/postgres/control-file.ts'
import { formatLsn } from '../../core/postgres/lsn.ts'
import { PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import { walFileName } from '../../core/postgres/wal-file.ts'
import type { Tape } from '../../core/postgres/wal/tape.ts'
import { WAL_PAGE_BYTES } from '../../core/postgres/wal/layout.ts'
import { megabytes } from '../disk/room.ts'
import type { StepContext } from '../step.ts'
import { placeOf } from './page-file.ts'
import { clearScratch, scratchDirectory } from './scratch.ts'

/** A page that redo has made, or why there is none. */
export type RedonePage = { readonly ok: true; readonly bytes: Uint8Array } | { readonly ok: false; readonly why: string }

interface Redo {
  readonly tape: Tape
  readonly timeline: number
  readonly segmentBytes: number
  readonly relationPath: string
  readonly block: number
}

const REDO_TIMEOUT_MS = 300_000
const SPARE_BYTES = 64 << 20
const BLOCKS_PER_SEGMENT = 131_072

/** What a server looks for before it begins redo. */
const DIRECTORIES = [
  'global',
  'base',
  'pg_commit_ts',
  'pg_dynshmem',
  'pg_logical',
  'pg_logical/mappings',
  'pg_logical/snapshots',
  'pg_multixact',
  'pg_multixact/members',
  'pg_multixact/offsets',
  'pg_notify',
  'pg_replslot',
  'pg_serial',
  'pg_snapshots',
  'pg_stat',
  'pg_subtrans',
  'pg_tblspc',
  'pg_twophase',
  'pg_wal',
  'pg_wal/archive_status',
  'pg_wal/summaries',
  'pg_xact',
]

/**
 * Has PostgreSQL's own redo apply the tape's records to an empty page. It runs as a single-user server, which listens nowhere,
 * in a directory that holds nothing else but what redo needs; there it ends for want of a database, after its checkpoint has
 * written the page. What is left of it is removed.
 */
export async function redoPage(context: StepContext, redo: Redo, signal: AbortSignal): Promise<RedonePage> {
  await clearScratch(context, signal)
  const shortage = await findShortage(context, redo.tape)
  if (shortage !== undefined) return { ok: false, why: shortage }
  try {
    await makeScratch(context, redo)
    const said = await runServer(context, redo, signal)
    const { path, offset } = placeOf(redo.relationPath, redo.block)
    const bytes = await context.outside.files.read(`${scratchDirectory(context)}/${path}`, { maxBytes: PAGE_BYTES, offset })
    if (bytes?.length === PAGE_BYTES && bytes.some((byte) => byte !== 0)) return { ok: true, bytes }
    return { ok: false, why: `redo has not made block ${redo.block}: ${said}` }
  } finally {
    await clearScratch(context, new AbortController().signal)
  }
}

async function findShortage({ outside, stateDirectory }: StepContext, tape: Tape): Promise<string | undefined> {
  const neededBytes = tape.pages.size * WAL_PAGE_BYTES + SPARE_BYTES
  const { availableBytes } = await outside.files.volume(stateDirectory)
  if (availableBytes > neededBytes) return undefined
  return `redo needs ${megabytes(neededBytes)} in ${stateDirectory}, and ${megabytes(availableBytes)} are free`
}

async function makeScratch(context: StepContext, redo: Redo): Promise<void> {
  const { files } = context.outside
  const root = scratchDirectory(context)
  await files.makeDirectory(root, 0o700)
  for (const name of DIRECTORIES) await files.makeDirectory(`${root}/${name}`, 0o700)
  await makeRelation(context, root, redo)
  await copyState(context, root)
  for (const [lsn, bytes] of joinPages(redo)) await writeWal(context, root, redo, lsn, bytes)
  await files.writeDurably(`${root}/PG_VERSION`, `${context.cluster.majorVersion}\n`, 0o600)
  await files.writeDurably(`${root}/postgresql.conf`, '', 0o600)
  await files.writeDurably(`${root}/backup_label`, labelOf(redo), 0o600)
}

/** Files of the right length without blocks in them: redo writes only where the records lead it. */
async function makeRelation({ outside: { files } }: StepContext, root: string, { relationPath, block }: Redo): Promise<void> {
  await files.makeDirectory(`${root}/${relationPath.slice(0, relationPath.lastIndexOf('/'))}`, 0o700)
  for (let last = Math.min(BLOCKS_PER_SEGMENT - 1, block); ; last = Math.min(last + BLOCKS_PER_SEGMENT, block)) {
    const { path, offset } = placeOf(relationPath, last)
    await files.touch(`${root}/${path}`, 0o600)
    await files.overwrite(`${root}/${path}`, offset, new Uint8Array(PAGE_BYTES))
    if (last === block) return
  }
}

/** The control file says which cluster it is and how its pages are checked. */
async function copyState({ outside: { files }, cluster }: StepContext, root: string): Promise<void> {
  const control = `${cluster.dataDirectory}/global/pg_control`
  await files.copy(control, `${root}/global/pg_control`, 0o600)
  const bytes = (await files.read(control, { maxBytes: CONTROL_FILE_BYTES })) ?? new Uint8Array()
  for (const name of filesOfCheckpoint(checkpointOf(bytes))) {
    const from = `${cluster.dataDirectory}/${name}`
    if ((await files.status(from)) !== undefined) await files.copy(from, `${root}/${name}`, 0o600)
  }
}

/** Neighbours within one file together: each write is waited for. */
function joinPages({ tape, segmentBytes }: Redo): ReadonlyMap<bigint, Uint8Array> {
  const runs = new Map<bigint, Uint8Array[]>()
  let [start, end] = [0n, -1n]
  for (const [lsn, page] of tape.pages) {
    if (lsn !== end || lsn % BigInt(segmentBytes) === 0n) start = lsn
    const run = runs.get(start) ?? []
    run.push(page)
    runs.set(start, run)
    end = lsn + BigInt(WAL_PAGE_BYTES)
  }
  return new Map([...runs].map(([lsn, pages]) => [lsn, Buffer.concat(pages)]))
}

async function writeWal(
  { outside: { files } }: StepContext,
  root: string,
  { timeline, segmentBytes }: Redo,
  lsn: bigint,
  bytes: Uint8Array,
): Promise<void> {
  const path = `${root}/pg_wal/${walFileName(timeline, lsn, segmentBytes)}`
  await files.touch(path, 0o600)
  await files.overwrite(path, Number(lsn % BigInt(segmentBytes)), bytes)
}

/** As of a backup that needs no end: redo goes on to the end of the WAL. */
function labelOf({ tape, timeline, segmentBytes }: Redo): string {
  const lsn = formatLsn(tape.checkpointLsn)
  return [
    `START WAL LOCATION: ${lsn} (file ${walFileName(timeline, tape.checkpointLsn, segmentBytes)})`,
    `CHECKPOINT LOCATION: ${lsn}`,
    'BACKUP FROM: primary',
    'LABEL: pgwatchd',
    `START TIMELINE: ${timeline}`,
    '',
  ].join('\n')
}

/** Returns the server's last words. */
async function runServer(context: StepContext, { segmentBytes }: Redo, signal: AbortSignal): Promise<string> {
  const settings = [
    'ignore_invalid_pages=on',
    'allow_in_place_tablespaces=on',
    'recovery_prefetch=off',
    'archive_mode=off',
    'autovacuum=off',
    'fsync=off',
    'wal_init_zero=off',
    'shared_buffers=1MB',
    `min_wal_size=${(2 * segmentBytes) >> 20}MB`,
    `max_wal_size=${(4 * segmentBytes) >> 20}MB`,
  ].flatMap((setting) => ['-c', setting])
  const file = `${context.cluster.binaryDirectory}/postgres`
  const request = { file, arguments: ['--single', '-D', scratchDirectory(context), ...settings, 'template1'], timeoutMs: REDO_TIMEOUT_MS }
  const result = await context.outside.commands.run(request, signal)
  const failures = result.stderr.split('\n').filter((line) => /PANIC|FATAL|ERROR|not permitted/.test(line))
  return failures[0]?.trim() ?? result.outcome
}
