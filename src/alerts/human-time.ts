/** Minutes that local time is ahead of UTC at a moment, such as 60 in Berlin in winter. */
export type OffsetMinutesAt = (wallMs: number) => number

/** By the time zone of this process. */
export const localOffsetMinutesAt: OffsetMinutesAt = (wallMs) => -new Date(wallMs).getTimezoneOffset()

const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 },
  { name: 'second', ms: 1000 },
] as const

/** A duration as people say it: "0.4 seconds", "12.3 seconds", "4 minutes 10 seconds", "2 hours 5 minutes", "3 days". */
export function humanDuration(durationMs: number): string {
  if (durationMs < 59_950) return secondsOnly(durationMs)
  const total = Math.round(durationMs / 1000) * 1000
  const largest = UNITS.findIndex((unit) => total >= unit.ms)
  const first = UNITS[largest] ?? UNITS[3]
  const second = UNITS[largest + 1]
  const count = Math.floor(total / first.ms)
  const rest = second === undefined ? 0 : Math.floor((total % first.ms) / second.ms)
  const parts = [counted(count, first.name), ...(rest > 0 && second !== undefined ? [counted(rest, second.name)] : [])]
  return parts.join(' ')
}

function secondsOnly(durationMs: number): string {
  const tenths = Math.round(durationMs / 100) / 10
  return tenths === 1 ? '1 second' : `${tenths} seconds`
}

function counted(count: number, name: string): string {
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** "2026-11-21 03:14:12" in local time. */
export function localDateTime(wallMs: number, offsetMinutes: number): string {
  return shifted(wallMs, offsetMinutes).slice(0, 19).replace('T', ' ')
}

/** "03:14:12.345" in local time. */
export function localTime(wallMs: number, offsetMinutes: number): string {
  return shifted(wallMs, offsetMinutes).slice(11, 23)
}

/** "03:14" in local time. */
export function localMinute(wallMs: number, offsetMinutes: number): string {
  return shifted(wallMs, offsetMinutes).slice(11, 16)
}

/** "+01:00" */
export function offsetName(offsetMinutes: number): string {
  const absolute = Math.abs(offsetMinutes)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${offsetMinutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
}

function shifted(wallMs: number, offsetMinutes: number): string {
  return new Date(wallMs + offsetMinutes * 60_000).toISOString()
}
