/** One file of `pg_wal`. */
export interface WalFile {
  readonly timeline: number
  /** Position of its first byte. */
  readonly startLsn: bigint
}

/** Whether a name in `pg_wal` is that of a segment: 24 hexadecimal digits. */
export function isWalFileName(name: string): boolean {
  return /^[0-9A-F]{24}$/.test(name)
}

/** Name of the file that holds `lsn`: timeline, then the segment's number in two parts of 32 bits. */
export function walFileName(timeline: number, lsn: bigint, segmentBytes: number): string {
  const segment = lsn / BigInt(segmentBytes)
  const perId = segmentsPerId(segmentBytes)
  return [BigInt(timeline), segment / perId, segment % perId].map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('')
}

/** What a file name says; `undefined` for anything that is not a segment of that size (`.history`, `.partial`). */
export function parseWalFileName(name: string, segmentBytes: number): WalFile | undefined {
  if (!isWalFileName(name)) return undefined
  const [timeline, id, segment] = [0, 8, 16].map((start) => BigInt(`0x${name.slice(start, start + 8)}`))
  if (timeline === undefined || id === undefined || segment === undefined || segment >= segmentsPerId(segmentBytes)) return undefined
  return { timeline: Number(timeline), startLsn: (id * segmentsPerId(segmentBytes) + segment) * BigInt(segmentBytes) }
}

function segmentsPerId(segmentBytes: number): bigint {
  return 0x1_0000_0000n / BigInt(segmentBytes)
}
