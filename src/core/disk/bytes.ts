const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** "832 MB", "1.4 GB", for people. */
export function describeBytes(bytes: number): string {
  let amount = bytes
  let unit = 0
  while (amount >= 1024 && unit < UNITS.length - 1) {
    amount /= 1024
    unit += 1
  }
  return `${amount.toFixed(unit >= 3 && amount < 10 ? 1 : 0)} ${UNITS[unit] ?? ''}`
}

/** "48 MB", for people, where what is compared has to have one unit. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}
