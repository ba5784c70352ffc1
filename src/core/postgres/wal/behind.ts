import { commitTimeOf } from './commit.ts'
import type { WalRecord } from './cut-record.ts'
import { pageOf, WAL_PAGE_BYTES } from './layout.ts'
import { previousOf } from './record.ts'
import type { WalStretch } from './stretch.ts'
import { firstRecordFrom, pageAt, readRecord } from './stretch.ts'

/** Whole records, one after the other, each naming the one before. */
export interface WalChain {
  readonly firstLsn: bigint
  readonly lastLsn: bigint
  /** Where the record after the last one would begin. */
  readonly endLsn: bigint
  readonly records: number
  /** Transactions that were committed, or prepared for it. */
  readonly commits: number
  readonly firstCommitMs: number | undefined
  readonly lastCommitMs: number | undefined
}

/**
 * The first chain of whole records behind `endLsn`, at which the WAL can no longer be read. Only later pages count: the last page
 * is written with what sessions had put there of records that come after one that is not finished.
 */
export function findBehind(stretch: WalStretch, endLsn: bigint): WalChain | undefined {
  const magic = pageAt(stretch, pageOf(endLsn))?.magic
  for (let page = pageOf(endLsn) + BigInt(WAL_PAGE_BYTES); page < endOf(stretch); page += BigInt(WAL_PAGE_BYTES)) {
    if (magic !== undefined && pageAt(stretch, page)?.magic !== magic) continue
    const chain = chainFrom(stretch, page)
    if (chain !== undefined) return chain
  }
  return undefined
}

/** The chain with what goes on in a stretch that begins on the page of its end. */
export function goOnWith(chain: WalChain, stretch: WalStretch): WalChain {
  const more = follow(stretch, chain.endLsn, chain.lastLsn, endOf(stretch))
  if (more === undefined) return chain
  return {
    ...more,
    firstLsn: chain.firstLsn,
    records: chain.records + more.records,
    commits: chain.commits + more.commits,
    firstCommitMs: chain.firstCommitMs ?? more.firstCommitMs,
    lastCommitMs: more.lastCommitMs ?? chain.lastCommitMs,
  }
}

/** The last commit in a stretch before `beforeLsn`. A record that an earlier crash cut short is passed over, as the server does. */
export function lastCommitBefore(stretch: WalStretch, beforeLsn: bigint): number | undefined {
  let last: number | undefined
  for (let page = stretch.startLsn; page < beforeLsn;) {
    const first = firstRecordFrom(stretch, page)
    const chain = first === undefined ? undefined : follow(stretch, first, undefined, beforeLsn)
    last = chain?.lastCommitMs ?? last
    page = pageOf(chain?.endLsn ?? page) + BigInt(WAL_PAGE_BYTES)
  }
  return last
}

function chainFrom(stretch: WalStretch, page: bigint): WalChain | undefined {
  const first = firstRecordFrom(stretch, page)
  return first === undefined ? undefined : follow(stretch, first, undefined, endOf(stretch))
}

/** Records from `lsn` on, the first after the one at `previousLsn` where that is known. */
function follow(stretch: WalStretch, lsn: bigint, previousLsn: bigint | undefined, beforeLsn: bigint): WalChain | undefined {
  let chain: WalChain | undefined
  while ((chain?.endLsn ?? lsn) < beforeLsn) {
    const record = readRecord(stretch, chain?.endLsn ?? lsn)
    if (record === undefined || !follows(record, chain?.lastLsn ?? previousLsn)) break
    chain = withRecord(chain, record)
  }
  return chain
}

function follows({ bytes }: WalRecord, previousLsn: bigint | undefined): boolean {
  return previousLsn === undefined || previousOf(bytes) === previousLsn
}

function withRecord(chain: WalChain | undefined, record: WalRecord): WalChain {
  const time = commitTimeOf(record)
  return {
    firstLsn: chain?.firstLsn ?? record.lsn,
    lastLsn: record.lsn,
    endLsn: record.endLsn,
    records: (chain?.records ?? 0) + 1,
    commits: (chain?.commits ?? 0) + (time === undefined ? 0 : 1),
    firstCommitMs: chain?.firstCommitMs ?? time,
    lastCommitMs: time ?? chain?.lastCommitMs,
  }
}

function endOf({ startLsn, bytes }: WalStretch): bigint {
  return startLsn + BigInt(bytes.length)
}
