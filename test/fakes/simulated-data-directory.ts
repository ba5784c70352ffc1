import type { ControlState } from '../../src/core/facts.ts'
import { crc32c } from '../../src/core/postgres/crc32c.ts'
import { walFileName } from '../../src/core/postgres/wal-file.ts'
import { makeControlFile } from '../core/postgres/make-control-file.ts'
import { makeWal } from '../core/postgres/make-wal.ts'
import type { FakeFiles } from './files.ts'

export const DATA = '/var/lib/postgresql/15/main'
export const SERVER_LOG = '/var/log/postgresql/postgresql-15-main.log'
export const SOCKET_DIRECTORY = '/var/run/postgresql'
/** As after `initdb --wal-segsize=1`: small, so that a simulated disk is. */
export const SEGMENT_BYTES = 1024 * 1024
export const SYSTEM_IDENTIFIER = '7710445708704317087'

/** As `initdb` makes them. */
const DIRECTORIES = [
  ...['base/1', 'global', 'pg_wal', 'pg_tblspc', 'pg_replslot', 'pg_notify', 'pg_subtrans', 'pg_commit_ts', 'pg_twophase', 'pg_xact'],
  ...['pg_logical/snapshots', 'pg_logical/mappings', 'pg_multixact/offsets', 'pg_multixact/members'],
]

/** Its number in `DBState` of catalog/pg_control.h. */
const STATE_NUMBERS: Readonly<Partial<Record<ControlState, number>>> = {
  'shut down': 1,
  'shutting down': 3,
  'in crash recovery': 4,
  'in archive recovery': 5,
  'in production': 6,
}

const WAL_SEGMENT_BYTES_OFFSET = 228
const CHECKSUM_OFFSET = 288

const FIRST_SEGMENT = `${DATA}/pg_wal/${walFileName(1, 0x17414c0n, SEGMENT_BYTES)}`

/** The files of a cluster as its server writes them. */
export interface SimulatedDataDirectory {
  /** Creates the directory of a cluster that was never started. */
  create(): void
  setState(state: ControlState): void
  writePidFile(pid: number, status: 'starting' | 'ready' | 'stopping'): void
  removePidFile(): void
  /** Whether everything is there that redo begins with. */
  hasWal(): boolean
  /** The pid in the lock file; `undefined` when there is none. */
  lockedBy(): number | undefined
  /** Appends a line with `log_line_prefix = '%m [%p] '`. */
  say(pid: number, line: string): void
  /** Whether `bytes` can still be written. */
  hasRoomFor(bytes: number): boolean
}

export function createSimulatedDataDirectory(files: FakeFiles, wallMs: () => number): SimulatedDataDirectory {
  const setState = (state: ControlState): void => files.put(`${DATA}/global/pg_control`, controlFileOf(state))
  return {
    create() {
      files.putDirectory(DATA)
      for (const name of DIRECTORIES) files.putDirectory(`${DATA}/${name}`)
      files.put(`${DATA}/base/1/PG_VERSION`, '15\n')
      files.put(`${DATA}/base/1/pg_filenode.map`, new Uint8Array(512))
      files.put(`${DATA}/PG_VERSION`, '15\n')
      files.put(FIRST_SEGMENT, makeWal(0x1700000n, SEGMENT_BYTES, [{}]).bytes)
      files.put(SERVER_LOG, '')
      files.putDirectory(SOCKET_DIRECTORY)
      setState('shut down')
    },
    setState,
    writePidFile: (pid, status) => files.put(`${DATA}/postmaster.pid`, pidFileOf(pid, status, wallMs())),
    removePidFile: () => files.erase(`${DATA}/postmaster.pid`),
    hasWal: () => files.disk.find(FIRST_SEGMENT, true)?.inode?.content.length === SEGMENT_BYTES,
    lockedBy() {
      const pid = Number(files.textOf(`${DATA}/postmaster.pid`)?.split('\n')[0])
      return pid > 0 ? pid : undefined
    },
    say: (pid, line) => files.grow(SERVER_LOG, `${new Date(wallMs()).toISOString()} [${pid}] ${line}\n`),
    hasRoomFor: (bytes) => files.volumeOf(DATA).availableBytes >= bytes,
  }
}

function controlFileOf(state: ControlState): Uint8Array {
  const bytes = makeControlFile({ state: STATE_NUMBERS[state] ?? 0 })
  const view = new DataView(bytes.buffer)
  view.setUint32(WAL_SEGMENT_BYTES_OFFSET, SEGMENT_BYTES, true)
  view.setUint32(CHECKSUM_OFFSET, crc32c(bytes.subarray(0, CHECKSUM_OFFSET)), true)
  return bytes
}

function pidFileOf(pid: number, status: string, wallMs: number): string {
  return [pid, DATA, Math.floor(wallMs / 1000), 5432, SOCKET_DIRECTORY, '', '  5432001         7', status.padEnd(8), ''].join('\n')
}
