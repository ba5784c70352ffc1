const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** A size for people, in powers of 1024: "8 B", "1.5 GB". */
export function spellSize(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10))
  return `${power === 0 ? Math.round(bytes) : (bytes / 1024 ** power).toFixed(1)} ${UNITS[power] ?? 'B'}`
}
