const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
]

/** A duration for people: "870 ms", "1.2 s", "3 min 4 s", "2 d 5 h". */
export function spellDuration(durationMs: number): string {
  const ms = Math.max(0, durationMs)
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  const first = UNITS.findIndex(([, size]) => ms >= size)
  const [unit, size] = UNITS[first] ?? ['s', 1_000]
  const smaller = UNITS[first + 1]
  const rest = smaller === undefined ? 0 : Math.floor((ms % size) / smaller[1])
  return `${Math.floor(ms / size)} ${unit}${smaller === undefined || rest === 0 ? '' : ` ${rest} ${smaller[0]}`}`
}

/** A moment for people, to the second, in UTC: "2026-11-21 01:44:12Z". */
export function spellMoment(wallMs: number): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replace('T', ' ')}Z`
}

/** How long ago: "12 s ago", or "never" for `null`. */
export function spellAgo(wallMs: number | null, nowMs: number): string {
  return wallMs === null ? 'never' : `${spellDuration(nowMs - wallMs)} ago`
}
