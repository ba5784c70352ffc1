import { formatLsn } from '../../core/postgres/lsn.ts'
import { judgePage } from '../../core/postgres/page-checksum.ts'
import { readPageLsn } from '../../core/postgres/page-lsn.ts'
import type { BadPage } from '../damage/scan-pages.ts'

/** A page that may take the place of a damaged one. */
export interface Candidate {
  readonly page: BadPage
  readonly bytes: Uint8Array
}

/** Pages that were found, and for the others why not. */
export interface Candidates {
  readonly found: readonly Candidate[]
  readonly missing: readonly string[]
}

/**
 * Why a page must not take the place of a damaged one, or `undefined`: its checksum is right for that block, nothing of it is
 * newer than `endLsn`, where the WAL ended when nobody could read the damaged one any more, and both were last changed by
 * the same record, as far as the damaged one still tells.
 */
export function whyNotSame(page: BadPage, bytes: Uint8Array, endLsn: bigint): string | undefined {
  const what = `block ${page.block}`
  if (judgePage(bytes, page.block, true) !== 'good') return `the other copy of ${what} is not whole`
  const [lsn, damagedLsn] = [readPageLsn(bytes), readPageLsn(page.bytes)]
  if (lsn > endLsn) return `the other copy of ${what} is newer than this server: ${formatLsn(lsn)} after ${formatLsn(endLsn)}`
  const isLegible = page.verdict === 'bad-checksum' && damagedLsn > 0n && damagedLsn <= endLsn
  if (isLegible && lsn !== damagedLsn)
    return `the other copy of ${what} is of ${formatLsn(lsn)}, and the damaged one says that it is of ${formatLsn(damagedLsn)}`
  return undefined
}
