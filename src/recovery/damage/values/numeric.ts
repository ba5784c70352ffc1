/** `NumericShort` and `NumericLong` of utils/adt/numeric.c: digits of base 10000, a weight, a sign, a display scale. */
export function decodeNumeric(bytes: Buffer): string {
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
