/** A value, or what was expected instead. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly expected: string }

const MILLISECONDS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** PostgreSQL's units: powers of 1024, with a small k; the binary names mean the same. */
const BYTES = {
  B: 1,
  kB: 1024,
  MB: 1024 ** 2,
  GB: 1024 ** 3,
  TB: 1024 ** 4,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
} as const

export const DURATION_PATTERN = '^(0|[0-9]+(ms|s|m|h|d))$'
export const SIZE_PATTERN = '^(0|[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB))$'
export const PERCENTAGE_PATTERN = '^[0-9]{1,3}(\\.[0-9]{1,2})?%$'

const DURATION_EXPECTED = 'a duration: a whole number and one of ms, s, m, h, d, such as 10s'
const SIZE_EXPECTED = 'a size: a whole number and one of B, kB, MB, GB, TB, such as 2GB'
const PERCENTAGE_EXPECTED = 'a percentage from 0% to 100%, such as 80%'
const INTEGER_EXPECTED = 'a whole number, such as 3'

/** `10s` → 10000 milliseconds. Whole numbers with a unit only; 0 may go without one. */
export function parseDuration(text: string): Parsed<number> {
  return parseWithUnit(text, MILLISECONDS, DURATION_EXPECTED)
}

/** `2GB` → 2147483648 bytes. Whole numbers with a unit only; 0 may go without one. */
export function parseSize(text: string): Parsed<number> {
  return parseWithUnit(text, BYTES, SIZE_EXPECTED)
}

/** `80%` → 0.8; at most two decimals. */
export function parsePercentage(text: string): Parsed<number> {
  const value = new RegExp(PERCENTAGE_PATTERN).test(text) ? Number(text.slice(0, -1)) / 100 : Number.NaN
  return value <= 1 ? { ok: true, value } : { ok: false, expected: PERCENTAGE_EXPECTED }
}

/** `5432` → 5432; no sign but a minus, no leading zeros, no other notation. */
export function parseInteger(text: string): Parsed<number> {
  const value = /^(0|-?[1-9][0-9]*)$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(value) ? { ok: true, value } : { ok: false, expected: INTEGER_EXPECTED }
}

function parseWithUnit(text: string, units: Readonly<Record<string, number>>, expected: string): Parsed<number> {
  if (text === '0') return { ok: true, value: 0 }
  const match = /^([0-9]+)([A-Za-z]+)$/.exec(text)
  const unit = match?.[2]
  const factor = unit !== undefined && Object.hasOwn(units, unit) ? units[unit] : undefined
  const value = Number(match?.[1]) * (factor ?? Number.NaN)
  return Number.isSafeInteger(value) ? { ok: true, value } : { ok: false, expected }
}
