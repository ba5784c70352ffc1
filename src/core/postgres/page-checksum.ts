/** PostgreSQL's page size; another one is a build option that no distribution uses. */
export const PAGE_BYTES = 8192

/** What a page is worth: `new` is all zeros, as a relation is extended with. */
export type PageVerdict = 'good' | 'new' | 'bad-checksum' | 'bad-header'

const LANES = 32
const FNV_PRIME = 16_777_619
const CHECKSUM_OFFSET = 8

/** `checksumBaseOffsets` of storage/checksum_impl.h: one random start for each of the parallel sums. */
const BASE_OFFSETS = Uint32Array.of(
  0x5b1f36e9,
  0xb8525960,
  0x02ab50aa,
  0x1de66d2a,
  0x79ff467a,
  0x9bb9f8a3,
  0x217e7cd2,
  0x83e13d2c,
  0xf8d4474f,
  0xe39eb970,
  0x42c6ae16,
  0x993216fa,
  0x7b093b5d,
  0x98daff3c,
  0xf718902a,
  0x0b1c9cdb,
  0xe58f764b,
  0x187636bc,
  0x5d7b3bb1,
  0xe73de7de,
  0x92bec979,
  0xcca6c0b2,
  0x304a0979,
  0x85aa43d4,
  0x783125bb,
  0x6ca8eaa2,
  0xe407eac6,
  0x4b5cfc3e,
  0x9fbf8c76,
  0x15ca20be,
  0xf2ca9fd3,
  0x959bd756,
)

/** Offsets in `PageHeaderData` of storage/bufpage.h. */
const HEADER = { flags: 10, lower: 12, upper: 14, special: 16, bytes: 24 } as const
const VALID_FLAGS = 0x0007

/** `pg_checksum_page`: the checksum that a page should carry at that block of its relation (not of its segment file). */
export function checksumPage(page: Uint8Array, block: number): number {
  const words = new DataView(page.buffer, page.byteOffset, PAGE_BYTES)
  const sums = BASE_OFFSETS.slice()
  for (let offset = 0, lane = 0; offset < PAGE_BYTES; offset += 4, lane = (lane + 1) % LANES) {
    const word = words.getUint32(offset, true)
    sums[lane] = mix(sums[lane] ?? 0, offset === CHECKSUM_OFFSET ? (word & 0xffff0000) >>> 0 : word)
  }
  const folded = sums.reduce((total, sum) => total ^ mix(mix(sum, 0), 0), 0)
  return (((folded ^ block) >>> 0) % 65_535) + 1
}

function mix(sum: number, word: number): number {
  const mixed = sum ^ word
  return (Math.imul(mixed, FNV_PRIME) ^ (mixed >>> 17)) >>> 0
}

/** Judges a page as the server does when it reads one (`PageIsVerifiedExtended`). */
export function judgePage(page: Uint8Array, block: number, checksumsEnabled: boolean): PageVerdict {
  const view = new DataView(page.buffer, page.byteOffset, PAGE_BYTES)
  if (view.getUint16(HEADER.upper, true) === 0) return page.every((byte) => byte === 0) ? 'new' : 'bad-header'
  if (!isSaneHeader(view)) return 'bad-header'
  if (checksumsEnabled && view.getUint16(CHECKSUM_OFFSET, true) !== checksumPage(page, block)) return 'bad-checksum'
  return 'good'
}

function isSaneHeader(view: DataView): boolean {
  const [flags, lower, upper, special] = [HEADER.flags, HEADER.lower, HEADER.upper, HEADER.special].map((offset) =>
    view.getUint16(offset, true),
  )
  if (flags === undefined || lower === undefined || upper === undefined || special === undefined) return false
  return (flags & ~VALID_FLAGS) === 0 && lower <= upper && upper <= special && special <= PAGE_BYTES && special % 8 === 0
}
