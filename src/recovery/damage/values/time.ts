const DAY_MS = 86_400_000
const EPOCH_MS = Date.UTC(2000, 0, 1)
const [LATEST_DATE, EARLIEST_DATE] = [2 ** 31 - 1, -(2 ** 31)]
const [LATEST, EARLIEST] = [2n ** 63n - 1n, -(2n ** 63n)]

/** Days since 2000. Each throws `RangeError` for bytes that are none of its kind. */
export function decodeDate(bytes: Buffer): string {
  const days = bytes.readInt32LE()
  if (days === LATEST_DATE || days === EARLIEST_DATE) return days === LATEST_DATE ? 'infinity' : '-infinity'
  return dateText(new Date(EPOCH_MS + days * DAY_MS))
}

/** Microseconds since 2000. */
export function decodeTimestamp(bytes: Buffer): string {
  const microseconds = bytes.readBigInt64LE()
  if (microseconds === LATEST || microseconds === EARLIEST) return microseconds === LATEST ? 'infinity' : '-infinity'
  const { seconds, fraction } = split(microseconds)
  const moment = new Date(EPOCH_MS + Number(seconds) * 1000)
  return `${dateText(moment)} ${moment.toISOString().slice(-13, -5)}.${fraction}`
}

/** With its zone as UTC. */
export function decodeTimestampWithZone(bytes: Buffer): string {
  const text = decodeTimestamp(bytes)
  return text.endsWith('infinity') ? text : `${text}+00`
}

/** Microseconds since midnight. */
export function decodeTime(bytes: Buffer): string {
  const { seconds, fraction } = split(bytes.readBigInt64LE())
  return `${clockText(Number(seconds))}.${fraction}`
}

/** The same with seconds west of Greenwich. */
export function decodeTimeWithZone(bytes: Buffer): string {
  const west = bytes.readInt32LE(8)
  return `${decodeTime(bytes)}${west > 0 ? '-' : '+'}${clockText(Math.abs(west))}`
}

/** Microseconds, days, months. */
export function decodeInterval(bytes: Buffer): string {
  const microseconds = bytes.readBigInt64LE()
  const { seconds, fraction } = split(microseconds < 0n ? -microseconds : microseconds)
  return `${bytes.readInt32LE(12)} months ${bytes.readInt32LE(8)} days ${microseconds < 0n ? '-' : ''}${seconds}.${fraction} seconds`
}

function split(microseconds: bigint): { readonly seconds: bigint; readonly fraction: string } {
  const seconds = microseconds / 1_000_000n - (microseconds % 1_000_000n < 0n ? 1n : 0n)
  return { seconds, fraction: String(microseconds - seconds * 1_000_000n).padStart(6, '0') }
}

/** Years before our era have no year 0 in PostgreSQL. */
function dateText(moment: Date): string {
  const year = moment.getUTCFullYear()
  const rest = moment.toISOString().slice(-20, -14)
  return year > 0 ? `${String(year).padStart(4, '0')}${rest}` : `${String(1 - year).padStart(4, '0')}${rest} BC`
}

function clockText(seconds: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => String(part).padStart(2, '0')).join(':')
}
