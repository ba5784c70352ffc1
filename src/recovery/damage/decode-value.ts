/** A column as `pg_attribute` and `pg_type` describe it. */
export interface Column {
  readonly name: string
  /** `pg_type.typname`. */
  readonly type: string
}

const DAY_MS = 86_400_000
const EPOCH_MS = Date.UTC(2000, 0, 1)
const TEXT_TYPES = ['text', 'varchar', 'bpchar', 'citext', 'json', 'xml']

const READERS: Readonly<Record<string, (bytes: Buffer) => string>> = {
  bool: (bytes) => (bytes.readUInt8() === 0 ? 'f' : 't'),
  int2: (bytes) => String(bytes.readInt16LE()),
  int4: (bytes) => String(bytes.readInt32LE()),
  int8: (bytes) => String(bytes.readBigInt64LE()),
  oid: (bytes) => String(bytes.readUInt32LE()),
  float4: (bytes) => String(Math.fround(bytes.readFloatLE())),
  float8: (bytes) => String(bytes.readDoubleLE()),
  date: (bytes) => new Date(EPOCH_MS + bytes.readInt32LE() * DAY_MS).toISOString().slice(0, 10),
  timestamp: (bytes) => readTimestamp(bytes),
  timestamptz: (bytes) => `${readTimestamp(bytes)}+00`,
  uuid: (bytes) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  numeric: readNumeric,
}

/**
 * The text of one value, from the bytes that lie in the page (little-endian, without varlena header). A type that is not
 * known here, or a value that cannot be read, becomes its bytes in hexadecimal, as `bytea` writes them.
 */
export function decodeValue(type: string, bytes: Buffer): string {
  try {
    if (TEXT_TYPES.includes(type)) return bytes.toString('utf8')
    return READERS[type]?.(bytes) ?? `\\x${bytes.toString('hex')}`
  } catch (error) {
    if (error instanceof RangeError) return `\\x${bytes.toString('hex')}`
    throw error
  }
}

/** One line of COPY's text format; `undefined` is NULL. */
export function toCopyLine(values: readonly (string | undefined)[]): string {
  return `${values.map((value) => (value === undefined ? '\\N' : escapeForCopy(value))).join('\t')}\n`
}

function escapeForCopy(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')
}

function readTimestamp(bytes: Buffer): string {
  const microseconds = bytes.readBigInt64LE()
  const seconds = microseconds / 1_000_000n - (microseconds % 1_000_000n < 0n ? 1n : 0n)
  const fraction = String(microseconds - seconds * 1_000_000n).padStart(6, '0')
  return `${new Date(EPOCH_MS + Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${fraction}`
}

/** `NumericShort` and `NumericLong` of utils/adt/numeric.c: digits of base 10000, a weight, a sign, a display scale. */
function readNumeric(bytes: Buffer): string {
  const header = bytes.readUInt16LE()
  if ((header & 0xc000) === 0xc000) return header === 0xd000 ? 'Infinity' : header === 0xf000 ? '-Infinity' : 'NaN'
  const short = (header & 0x8000) !== 0
  const weight = short ? (header & 0x3f) - (header & 0x40) : bytes.readInt16LE(2)
  const scale = short ? (header & 0x1f80) >> 7 : header & 0x3fff
  const negative = (header & (short ? 0x2000 : 0x4000)) !== 0
  const start = short ? 2 : 4
  const digitAt = (index: number): string => {
    const offset = start + 2 * index
    return index < 0 || offset + 2 > bytes.length ? '0000' : String(bytes.readInt16LE(offset)).padStart(4, '0')
  }
  const whole =
    Array.from({ length: Math.max(0, weight + 1) }, (_, index) => digitAt(index))
      .join('')
      .replace(/^0+(?=\d)/, '') || '0'
  const fraction = Array.from({ length: Math.ceil(scale / 4) }, (_, index) => digitAt(weight + 1 + index))
    .join('')
    .slice(0, scale)
  return `${negative ? '-' : ''}${whole}${scale === 0 ? '' : `.${fraction}`}`
}
