import { decodeAddress, decodeHardwareAddress } from './address.ts'
import { decodeArray } from './array.ts'
import type { ValueType } from './column.ts'
import { decodeJsonb } from './jsonb.ts'
import { decodeNumeric } from './numeric.ts'
import { decodeDate, decodeInterval, decodeTime, decodeTimestamp, decodeTimestampWithZone, decodeTimeWithZone } from './time.ts'

type Reader = (bytes: Buffer) => string

const readUnsigned: Reader = (bytes) => String(bytes.readUInt32LE())
const readText: Reader = (bytes) => bytes.toString('utf8')

const READERS: Readonly<Record<string, Reader>> = {
  bool: (bytes) => (bytes.readUInt8() === 0 ? 'f' : 't'),
  int2: (bytes) => String(bytes.readInt16LE()),
  int4: (bytes) => String(bytes.readInt32LE()),
  int8: (bytes) => String(bytes.readBigInt64LE()),
  oid: readUnsigned,
  regclass: readUnsigned,
  xid: readUnsigned,
  float4: (bytes) => String(Math.fround(bytes.readFloatLE())),
  float8: (bytes) => String(bytes.readDoubleLE()),
  numeric: decodeNumeric,
  money: (bytes) => readMoney(bytes.readBigInt64LE()),
  date: decodeDate,
  time: decodeTime,
  timetz: decodeTimeWithZone,
  timestamp: decodeTimestamp,
  timestamptz: decodeTimestampWithZone,
  interval: decodeInterval,
  uuid: (bytes) => bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  text: readText,
  varchar: readText,
  bpchar: readText,
  citext: readText,
  json: readText,
  xml: readText,
  cstring: readText,
  name: (bytes) => readText(bytes).replace(/\0.*$/s, ''),
  char: readText,
  bytea: readHex,
  jsonb: (bytes) => decodeJsonb(bytes, decodeNumeric),
  inet: (bytes) => decodeAddress(bytes, false),
  cidr: (bytes) => decodeAddress(bytes, true),
  macaddr: decodeHardwareAddress,
  macaddr8: decodeHardwareAddress,
  bit: readBits,
  varbit: readBits,
  point: (bytes) => `(${bytes.readDoubleLE()},${bytes.readDoubleLE(8)})`,
}

/** Whether values of the type are read here; those of any other are told in hexadecimal. */
export function isReadable({ name, element, labels }: ValueType): boolean {
  return element === undefined ? name in READERS || Object.keys(labels).length > 0 : isReadable({ name: element.name, labels })
}

/**
 * The text of one value, from the bytes that lie in the page (little-endian, without varlena header). A type that is not
 * known here, or a value that cannot be read, becomes its bytes in hexadecimal, as `bytea` writes them.
 */
export function decodeValue(type: ValueType, bytes: Buffer): string {
  try {
    return readerOf(type)(bytes)
  } catch (error) {
    if (error instanceof RangeError) return readHex(bytes)
    throw error
  }
}

function readerOf({ name, element, labels }: ValueType): Reader {
  if (element !== undefined) return (bytes) => decodeArray(bytes, element, readerOf({ name: element.name, labels }))
  return READERS[name] ?? ((bytes) => (bytes.length === 4 ? labels[String(bytes.readUInt32LE())] : undefined) ?? readHex(bytes))
}

function readHex(bytes: Buffer): string {
  return `\\x${bytes.toString('hex')}`
}

function readMoney(cents: bigint): string {
  const digits = String(cents < 0n ? -cents : cents).padStart(3, '0')
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}

/** How many bits, then the bits. */
function readBits(bytes: Buffer): string {
  const bits = [...bytes.subarray(4)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return bits.slice(0, bytes.readInt32LE())
}
