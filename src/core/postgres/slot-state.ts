import { crc32c } from './crc32c.ts'

/** Bytes to read of `pg_replslot/NAME/state`. */
export const SLOT_STATE_BYTES = 256

/** `SLOT_MAGIC` of slot.c, since 9.4. */
const MAGIC = 0x1051ca1

/** Offsets in `ReplicationSlotOnDisk`, the same in all versions from 9.4 to 18. */
const OFFSET = { checksum: 4, checked: 8, length: 12, slot: 16, database: 80, restartLsn: 96 } as const

/** A replication slot as it is on disk, for a server that cannot be asked. */
export interface SlotState {
  readonly kind: 'logical' | 'physical'
  /** Position of the oldest WAL that it keeps; 0 when it keeps none. */
  readonly restartLsn: bigint
}

/** Reads the bytes of a slot's state file; `undefined` for what is none. */
export function parseSlotState(bytes: Uint8Array): SlotState | undefined {
  if (bytes.length < OFFSET.restartLsn + 8) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== MAGIC) return undefined
  const kind = view.getUint32(OFFSET.database, true) === 0 ? 'physical' : 'logical'
  return { kind, restartLsn: view.getBigUint64(OFFSET.restartLsn, true) }
}

/** Whether the server would accept these bytes of a state file: its magic number, length and checksum are right. */
export function isWholeSlotState(bytes: Uint8Array): boolean {
  if (bytes.length < OFFSET.slot) return false
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = OFFSET.slot + view.getUint32(OFFSET.length, true)
  if (view.getUint32(0, true) !== MAGIC || bytes.length < end) return false
  return view.getUint32(OFFSET.checksum, true) === crc32c(bytes.subarray(OFFSET.checked, end))
}
