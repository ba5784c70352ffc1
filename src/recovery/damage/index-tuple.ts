import type { Column } from './decode-value.ts'
import { decodeValue } from './decode-value.ts'

/** A column of an index, as `pg_attribute` describes it. */
export interface KeyColumn extends Column {
  /** `attlen`: -1 for a value with a varlena header, -2 for one that ends with a zero byte. */
  readonly length: number
  /** `attalign`: `c`, `s`, `i` or `d`. */
  readonly alignment: string
}

const ALIGNMENT_BYTES: Readonly<Record<string, number>> = { c: 1, s: 2, i: 4, d: 8 }

/**
 * The texts of an index tuple's columns, from its data as it lies in the page (`nocache_index_getattr` of
 * access/common/indextuple.c). For tuples without NULL, as those of a primary key are. What is cut short becomes empty.
 */
export function readIndexTuple(columns: readonly KeyColumn[], data: Buffer): readonly string[] {
  let offset = 0
  return columns.map((column) => {
    const start = alignTo(column, data, offset)
    const { header, total } = measure(column, data, start)
    offset = start + total
    const bytes = data.subarray(start + header, start + total)
    return column.length === -2 ? bytes.subarray(0, -1).toString('utf8') : decodeValue(column.type, bytes)
  })
}

/** A varlena with a short header is not aligned, and its first byte is never the zero of padding. */
function alignTo({ length, alignment }: KeyColumn, data: Buffer, offset: number): number {
  if (length === -2 || (length === -1 && data[offset] !== 0 && ((data[offset] ?? 0) & 1) === 1)) return offset
  const bytes = ALIGNMENT_BYTES[alignment] ?? 1
  return Math.ceil(offset / bytes) * bytes
}

/** Bytes of the header and of the whole: a short varlena has one header byte, `length << 1 | 1`; a long one four, `length << 2`. */
function measure({ length }: KeyColumn, data: Buffer, start: number): { readonly header: number; readonly total: number } {
  if (length > 0) return { header: 0, total: length }
  if (length === -2) return { header: 0, total: data.indexOf(0, start) - start + 1 }
  const first = data[start] ?? 1
  if ((first & 1) === 1) return { header: 1, total: first >> 1 }
  return { header: 4, total: start + 4 > data.length ? 0 : data.readUInt32LE(start) >>> 2 }
}
