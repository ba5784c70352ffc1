/** The header of one page of WAL (access/xlog_internal.h). */
export interface WalPage {
  /** Changes with every version of PostgreSQL. */
  readonly magic: number
  readonly timeline: number
  /** The page begins with the rest of a record from the page before, of this many bytes; 0 when it does not. */
  readonly continuedBytes: number
}

const FLAG = { continued: 0x0001, all: 0x000f } as const
const READ_BYTES = 24
/** The first byte of the magic number of every PostgreSQL since 9.0. */
const MAGICS = [0xd0, 0xd1]

/**
 * Reads the header of the page that begins at `offset` of `bytes` and should lie at `lsn`. `undefined` when it does not say so
 * itself: a segment that was recycled holds pages of long ago, a new one zeros.
 */
export function parseWalPage(bytes: Uint8Array, offset: number, lsn: bigint): WalPage | undefined {
  if (offset < 0 || offset + READ_BYTES > bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, READ_BYTES)
  const [magic, flags] = [view.getUint16(0, true), view.getUint16(2, true)]
  if (!MAGICS.includes(magic >> 8) || (flags & ~FLAG.all) !== 0 || view.getBigUint64(8, true) !== lsn) return undefined
  return { magic, timeline: view.getUint32(4, true), continuedBytes: flags & FLAG.continued ? view.getUint32(16, true) : 0 }
}
