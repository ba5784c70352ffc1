const IPV4 = 2
const HEXTETS = 8

/** `inet_struct`: family, bits, address; `inet` leaves out the bits of a single host, `cidr` does not. */
export function decodeAddress(bytes: Buffer, isNetwork: boolean): string {
  const [family, bits] = [bytes.readUInt8(0), bytes.readUInt8(1)]
  const isShort = family === IPV4
  const address = bytes.subarray(2, isShort ? 6 : 18)
  if (address.length < (isShort ? 4 : 16)) throw new RangeError('an address is cut short')
  const text = isShort
    ? [...address].join('.')
    : Array.from({ length: HEXTETS }, (_, index) => address.readUInt16BE(2 * index).toString(16)).join(':')
  return isNetwork || bits < (isShort ? 32 : 128) ? `${text}/${bits}` : text
}

/** Six or eight bytes. */
export function decodeHardwareAddress(bytes: Buffer): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
