import type { HeapItem, TupleHeader } from './heap-page.ts'

/** What became of a transaction; `unknown` where the server keeps no record of it any more. */
export type TransactionFate = 'committed' | 'aborted' | 'in progress' | 'unknown'

/** Looks up transactions of row versions, and the one that deleted a row among those that a multixact names. */
export interface TransactionFates {
  fateOf(xid: number): TransactionFate
  /** `undefined`: all of them only locked the row, or it is not known. */
  deleterOf(multixact: number): number | undefined
}

/** Bits of `t_infomask`. */
const XMAX_LOCK_ONLY = 0x0080
const XMIN_COMMITTED = 0x0100
const XMIN_INVALID = 0x0200
const XMAX_COMMITTED = 0x0400
const XMAX_INVALID = 0x0800
const XMAX_IS_MULTI = 0x1000

const FIRST_NORMAL_XID = 3
const LONGEST_CHAIN = 300

/** Every transaction that the page's row versions name, and every multixact. */
export function transactionsOf(items: readonly HeapItem[]): { readonly xids: readonly number[]; readonly multixacts: readonly number[] } {
  const headers = items.flatMap((item) => (item.kind === 'row' ? [item.header] : []))
  const isMulti = ({ infomask }: TupleHeader): boolean => (infomask & XMAX_IS_MULTI) !== 0
  const xids = headers.flatMap((header) => (isMulti(header) ? [header.xmin] : [header.xmin, header.xmax]))
  const multixacts = headers.filter(isMulti).map(({ xmax }) => xmax)
  return { xids: [...new Set(xids.filter((xid) => xid >= FIRST_NORMAL_XID))], multixacts: [...new Set(multixacts)] }
}

/** Whether a row version is one that everybody would see. What cannot be told counts as alive: better listed once too often. */
export function isAlive({ xmin, xmax, infomask }: TupleHeader, fates: TransactionFates): boolean {
  return isInserted(xmin, infomask, fates) && !isDeleted(xmax, infomask, fates)
}

function isInserted(xmin: number, infomask: number, { fateOf }: TransactionFates): boolean {
  const hinted = infomask & (XMIN_COMMITTED | XMIN_INVALID)
  if (hinted !== 0) return hinted !== XMIN_INVALID
  return xmin < FIRST_NORMAL_XID || fateOf(xmin) !== 'aborted'
}

function isDeleted(xmax: number, infomask: number, { fateOf, deleterOf }: TransactionFates): boolean {
  if (xmax === 0 || (infomask & (XMAX_INVALID | XMAX_LOCK_ONLY)) !== 0) return false
  if ((infomask & XMAX_IS_MULTI) === 0) return (infomask & XMAX_COMMITTED) !== 0 || fateOf(xmax) === 'committed'
  const deleter = deleterOf(xmax)
  return deleter !== undefined && fateOf(deleter) === 'committed'
}

/** `doubtful`: what would tell it is damaged. */
export type RowLife = 'alive' | 'dead' | 'doubtful'

/**
 * What an index entry that points to line pointer `number` leads to, along the page's chain of versions. One that leads to
 * nonsense, to nothing, or to an unused line pointer, which no entry of a sound index does, is doubtful.
 */
export function lifeBehind(items: readonly HeapItem[], number: number, fates: TransactionFates): RowLife {
  let at = number
  for (let steps = 0; steps < LONGEST_CHAIN; steps += 1) {
    const item = items[at - 1]
    if (item === undefined || item.kind === 'nonsense' || item.kind === 'unused') return 'doubtful'
    if (item.kind === 'dead') return 'dead'
    if (item.kind === 'row' && isAlive(item.header, fates)) return 'alive'
    if (item.kind === 'row' && !item.header.isHotUpdated) return 'dead'
    at = item.kind === 'redirect' ? item.to : item.header.next.number
  }
  return 'doubtful'
}
