import type { StepContext } from '../step.ts'
import type { BtreeEntry } from './btree-page.ts'
import { readLeafEntries } from './btree-page.ts'
import type { TupleId } from './heap-page.ts'
import type { KeyIndex } from './key-index.ts'
import { readPages } from './scan-pages.ts'
import type { Column } from './values/column.ts'
import { decodeValue } from './values/decode-value.ts'
import { nullsOf, readValues } from './values/tuple-values.ts'

/** A key that an index holds for a row of a damaged page. */
export interface IndexedKey {
  readonly tid: TupleId
  /** One for each column of the index; `undefined` is NULL. */
  readonly values: readonly (string | undefined)[]
}

/** What was read of an index. */
export interface IndexedKeys {
  readonly keys: readonly IndexedKey[]
  /** Pages of the index that are damaged themselves: the keys in them are not among `keys`. */
  readonly damagedPages: number
}

const KEYS_AT_MOST = 100_000

/**
 * The keys that lead to the blocks, from the index's pages as they lie on disk: a scan by the server would visit the damaged heap
 * pages. Nobody must write to the table meanwhile, and a checkpoint must have written the index. `undefined` when it has no page.
 */
export async function readIndexedKeys(
  context: StepContext,
  { path, columns }: KeyIndex,
  blocks: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<IndexedKeys | undefined> {
  const keys: IndexedKey[] = []
  let [pages, damagedPages] = [0, 0]
  for await (const { bytes, verdict } of readPages(context, path, signal)) {
    pages += 1
    if (verdict !== 'whole') damagedPages += 1
    else if (keys.length < KEYS_AT_MOST)
      keys.push(...readLeafEntries(bytes, (block) => blocks.has(block)).flatMap((entry) => toKeys(columns, entry)))
  }
  return pages === 0 ? undefined : { keys: keys.slice(0, KEYS_AT_MOST), damagedPages }
}

function toKeys(columns: readonly Column[], { tids, data, notNull }: BtreeEntry): readonly IndexedKey[] {
  const values = readKey(columns, data, notNull)
  return tids.map((tid) => ({ tid, values }))
}

/** The texts of an index tuple's columns. What cannot be read is told as such. */
export function readKey(columns: readonly Column[], data: Uint8Array, notNull: Uint8Array | undefined): readonly (string | undefined)[] {
  return readValues(columns, data, nullsOf(notNull)).values.map((value, index) => {
    const column = columns[index]
    if (value === 'null' || column === undefined) return undefined
    return value === 'unreadable' ? '(unreadable)' : decodeValue(column.type, Buffer.from(value))
  })
}
