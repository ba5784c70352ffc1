import { PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import type { StepContext } from '../step.ts'
import { readLeafEntries } from './btree-page.ts'
import { readPages } from './scan-pages.ts'

const TIDS_AT_MOST = 10_000
const PAGE_HEADER_BYTES = 24
const LOWER_OFFSET = 12
/** A pointer to a long value (`varatt_external`): two bytes that announce it, sizes, the value's number, its TOAST table. */
const [EXTERNAL, ON_DISK] = [0x01, 18]
const TABLE_OFFSET = 14
const VALUE_OFFSET = 10

/** Which blocks of a relation hold nothing, by what lies on disk: pages of zeros, and whatever would come after its end. */
export async function findEmptyBlocks(context: StepContext, path: string, signal: AbortSignal): Promise<(block: number) => boolean> {
  const empty = new Set<number>()
  let count = 0
  for await (const { block, bytes } of readPages(context, path, signal)) {
    count = block + 1
    if (bytes.every((byte) => byte === 0)) empty.add(block)
  }
  return (block) => block >= count || empty.has(block)
}

/** The numbers of the values that have a chunk on one of the blocks, by the TOAST table's index as it lies on disk. */
export async function findValues(
  context: StepContext,
  indexPath: string,
  isLost: (block: number) => boolean,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const values = new Set<number>()
  for await (const { bytes, verdict } of readPages(context, indexPath, signal)) {
    if (verdict !== 'whole') continue
    for (const { data } of readLeafEntries(bytes, isLost)) if (data.length >= 4) values.add(Buffer.from(data).readUInt32LE())
  }
  return values
}

/** Where rows of a table lie that point to one of the values, old versions included: "(block,line pointer)"; at most 10,000. */
export async function findOwners(
  context: Pick<StepContext, 'cluster' | 'outside'>,
  { tablePath, toastOid }: { readonly tablePath: string; readonly toastOid: number },
  values: ReadonlySet<number>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const tids = new Set<string>()
  for await (const { block, bytes, verdict } of readPages(context, tablePath, signal)) {
    if (verdict !== 'whole') continue
    const page = Buffer.from(bytes.buffer, bytes.byteOffset, PAGE_BYTES)
    for (const offset of findPointers(page, toastOid, values)) {
      const number = linePointerOf(page, offset)
      if (number > 0 && tids.size < TIDS_AT_MOST) tids.add(`(${block},${number})`)
    }
  }
  return [...tids]
}

function findPointers(page: Buffer, toastOid: number, values: ReadonlySet<number>): readonly number[] {
  const table = Buffer.alloc(4)
  table.writeUInt32LE(toastOid)
  const found: number[] = []
  for (let at = page.indexOf(table); at >= 0; at = page.indexOf(table, at + 1)) {
    const start = at - TABLE_OFFSET
    if (start < PAGE_HEADER_BYTES || page[start] !== EXTERNAL || page[start + 1] !== ON_DISK) continue
    if (values.has(page.readUInt32LE(start + VALUE_OFFSET))) found.push(start)
  }
  return found
}

/** Of the tuple that holds the byte; 0 when none does. */
function linePointerOf(page: Buffer, byte: number): number {
  const count = (page.readUInt16LE(LOWER_OFFSET) - PAGE_HEADER_BYTES) / 4
  for (let number = 1; number <= count; number += 1) {
    const word = page.readUInt32LE(PAGE_HEADER_BYTES + (number - 1) * 4)
    const offset = word & 0x7fff
    if (((word >>> 15) & 3) === 1 && offset <= byte && byte < offset + (word >>> 17)) return number
  }
  return 0
}
