import type { ControlFile, ControlState } from '../facts.ts'
import { crc32c } from './crc32c.ts'
import { formatLsn } from './lsn.ts'

/** Bytes to read of `global/pg_control`: its data never passes one sector. */
export const CONTROL_FILE_BYTES = 512

export type ControlFileReading =
  | { readonly ok: true; readonly controlFile: ControlFile }
  /** `damaged` is proof; `unsupported` says nothing about the file. */
  | { readonly ok: false; readonly problem: 'damaged' | 'unsupported'; readonly why: string }

/** `DBState` of catalog/pg_control.h, by number. */
const STATES: readonly ControlState[] = [
  'starting up',
  'shut down',
  'shut down in recovery',
  'shutting down',
  'in crash recovery',
  'in archive recovery',
  'in production',
]

/**
 * Offsets in `ControlFileData` of catalog/pg_control.h on little-endian 64-bit machines: the same in all versions from
 * 13 to 18, because what was added lies in padding or behind them.
 */
const OFFSET = {
  systemIdentifier: 0,
  version: 8,
  catalogVersion: 12,
  state: 16,
  checkpoint: 32,
  redo: 40,
  timeline: 48,
  checkpointSeconds: 104,
  minRecoveryTimeline: 144,
  maxPreparedTransactions: 192,
  tracksCommitTimestamps: 200,
  walSegmentBytes: 228,
  dataChecksumVersion: 252,
} as const

/** Where the checksum lies, by `pg_control_version`: 1300 is PostgreSQL 13 to 16, 1700 is 17, 1800 is 18. */
const CRC_OFFSETS: Readonly<Record<number, number>> = { 1300: 288, 1700: 288, 1800: 292 }

/** Reads the bytes of `global/pg_control`. A file of another machine's byte order counts as unsupported. */
export function parseControlFile(bytes: Uint8Array): ControlFileReading {
  if (bytes.length < CONTROL_FILE_BYTES) return { ok: false, problem: 'damaged', why: `it holds ${bytes.length} bytes` }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getUint32(OFFSET.version, true)
  const crcOffset = CRC_OFFSETS[version]
  if (crcOffset === undefined) return refuseVersion(version, bytes)
  const [written, computed] = [view.getUint32(crcOffset, true), crc32c(bytes.subarray(0, crcOffset))]
  if (written !== computed)
    return { ok: false, problem: 'damaged', why: `its checksum is ${toHex(written)} and should be ${toHex(computed)}` }
  return { ok: true, controlFile: readFields(view) }
}

/** Whether the state says that the server was stopped in an orderly way, so that nothing is left to replay. */
export function isCleanlyShutDown(state: ControlState): boolean {
  return state === 'shut down' || state === 'shut down in recovery'
}

function readFields(view: DataView): ControlFile {
  return {
    state: STATES[view.getUint32(OFFSET.state, true)] ?? 'unrecognized',
    systemIdentifier: view.getBigUint64(OFFSET.systemIdentifier, true).toString(),
    checksumsEnabled: view.getUint32(OFFSET.dataChecksumVersion, true) !== 0,
    redoLsn: formatLsn(view.getBigUint64(OFFSET.redo, true)),
    checkpointLsn: formatLsn(view.getBigUint64(OFFSET.checkpoint, true)),
    timeline: view.getUint32(OFFSET.timeline, true),
    checkpointWallMs: Number(view.getBigInt64(OFFSET.checkpointSeconds, true)) * 1000,
    minRecoveryTimeline: view.getUint32(OFFSET.minRecoveryTimeline, true),
    walSegmentBytes: view.getUint32(OFFSET.walSegmentBytes, true),
    catalogVersion: view.getUint32(OFFSET.catalogVersion, true),
    maxPreparedTransactions: view.getInt32(OFFSET.maxPreparedTransactions, true),
    tracksCommitTimestamps: view.getUint8(OFFSET.tracksCommitTimestamps) !== 0,
  }
}

/** A number that no PostgreSQL has used is damage; one that a newer or older PostgreSQL may use is not. */
function refuseVersion(version: number, bytes: Uint8Array): ControlFileReading {
  if (bytes.every((byte) => byte === 0)) return { ok: false, problem: 'damaged', why: 'it holds nothing but zeros' }
  const plausible = version >= 800 && version <= 4000
  return {
    ok: false,
    problem: plausible ? 'unsupported' : 'damaged',
    why: `its format version is ${version}; known are 1300, 1700 and 1800`,
  }
}

function toHex(value: number): string {
  return value.toString(16).toUpperCase().padStart(8, '0')
}
