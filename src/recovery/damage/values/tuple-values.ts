import type { StoredType } from './column.ts'
import { readVarlena } from './varlena.ts'

const ALIGNMENT_BYTES: Readonly<Record<string, number>> = { c: 1, s: 2, i: 4, d: 8 }

/** One value of a tuple: its bytes without header, NULL, or what is there and cannot be read. */
export type StoredValue = Uint8Array | 'null' | 'unreadable'

/**
 * The values of a tuple's or an array's elements, one after the other, from its data as they lie in the page
 * (`nocache_index_getattr` of access/common/indextuple.c). `isNull` tells which have none. Also where the last one ends.
 */
export function readValues(
  types: readonly Pick<StoredType, 'length' | 'alignment'>[],
  data: Uint8Array,
  isNull: (index: number) => boolean,
): { readonly values: readonly StoredValue[]; readonly end: number } {
  let end = 0
  const values = types.map((type, index): StoredValue => {
    if (isNull(index)) return 'null'
    const start = alignTo(type, data, end)
    const { totalBytes, bytes } = readValue(type.length, data, start)
    end = start + totalBytes
    return bytes ?? 'unreadable'
  })
  return { values, end }
}

/** Where a bitmap has no bit for an index, the value is NULL; without a bitmap none is. */
export function nullsOf(notNull: Uint8Array | undefined): (index: number) => boolean {
  return (index) => notNull !== undefined && (((notNull[index >> 3] ?? 0) >> (index & 7)) & 1) === 0
}

/** A varlena with a short header is not aligned, and its first byte is never the zero of padding. */
function alignTo({ length, alignment }: Pick<StoredType, 'length' | 'alignment'>, data: Uint8Array, offset: number): number {
  if (length === -2 || (length === -1 && data[offset] !== 0 && ((data[offset] ?? 0) & 1) === 1)) return offset
  const bytes = ALIGNMENT_BYTES[alignment] ?? 1
  return Math.ceil(offset / bytes) * bytes
}

function readValue(
  length: number,
  data: Uint8Array,
  start: number,
): { readonly totalBytes: number; readonly bytes: Uint8Array | undefined } {
  if (length === -1) return readVarlena(data, start)
  if (length === -2) {
    const end = data.indexOf(0, start)
    return end < 0
      ? { totalBytes: data.length - start, bytes: undefined }
      : { totalBytes: end - start + 1, bytes: data.subarray(start, end) }
  }
  return { totalBytes: length, bytes: start + length > data.length ? undefined : data.subarray(start, start + length) }
}
