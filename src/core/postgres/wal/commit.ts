import type { WalRecord } from './cut-record.ts'
import { infoOf, managerOf, RECORD_HEADER_BYTES } from './record.ts'

/** `RM_XACT_ID` of access/rmgrlist.h. */
const TRANSACTION_MANAGER = 1
/** What of `xl_info` names the kind of a transaction's record (access/xact.h). */
const KIND_BITS = 0x70
/** Where the time lies in the record's own data: `xl_xact_commit` begins with it, `xl_xact_prepare` has four numbers before. */
const TIME_AT: Readonly<Record<number, number>> = { 0x00: 0, 0x30: 0, 0x10: 16 }
/** 2000-01-01, from which PostgreSQL counts microseconds. */
const EPOCH_MS = 946_684_800_000

/** Identifiers before the record's own data (access/xlogrecord.h). */
const DATA = { short: 255, long: 254, origin: 253, topLevelTransaction: 252 } as const
const SKIPPED_BYTES: Readonly<Record<number, number>> = { [DATA.origin]: 3, [DATA.topLevelTransaction]: 5 }

/** When the transaction was committed, or prepared for it, by the wall clock in milliseconds; `undefined` for every other record. */
export function commitTimeOf({ bytes }: WalRecord): number | undefined {
  if (managerOf(bytes) !== TRANSACTION_MANAGER) return undefined
  const timeAt = TIME_AT[infoOf(bytes) & KIND_BITS]
  const data = ownDataOf(bytes)
  if (timeAt === undefined || data === undefined || data.length < timeAt + 8) return undefined
  const micros = new DataView(data.buffer, data.byteOffset, data.byteLength).getBigInt64(timeAt, true)
  return EPOCH_MS + Number(micros / 1000n)
}

/** Records of transactions refer to no blocks: their own data follows at once. */
function ownDataOf(bytes: Uint8Array): Uint8Array | undefined {
  let at = RECORD_HEADER_BYTES
  for (;;) {
    const identifier = bytes[at]
    if (identifier === DATA.short) return bytes.subarray(at + 2)
    if (identifier === DATA.long) return bytes.subarray(at + 5)
    const skipped = SKIPPED_BYTES[identifier ?? 0]
    if (skipped === undefined) return undefined
    at += skipped
  }
}
