/** One figure and what it must not exceed. */
export interface Measurement {
  readonly name: string
  /** In `unit`. */
  readonly value: number
  /** In `unit`; `undefined`: told, not judged. */
  readonly bar: number | undefined
  readonly unit: string
  /** How it was measured, for the reader of the table. */
  readonly how: string
}

export function isMissed({ value, bar }: Measurement): boolean {
  return bar !== undefined && !(value <= bar)
}

/** The middle one, or the mean of the two middle ones; NaN when there is none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/** Three significant digits, and whole numbers whole. */
function figure(value: number): string {
  return Number.isInteger(value) || value >= 1000 ? String(Math.round(value)) : String(Number(value.toPrecision(3)))
}

function verdict(measurement: Measurement): string {
  if (measurement.bar === undefined) return ''
  return isMissed(measurement) ? 'FAIL' : 'pass'
}

function row(measurement: Measurement): readonly string[] {
  const { name, value, bar, unit, how } = measurement
  return [name, `${figure(value)} ${unit}`, bar === undefined ? '' : `${figure(bar)} ${unit}`, verdict(measurement), how]
}

/** A table with a heading, aligned by blanks. */
export function renderMeasurements(measurements: readonly Measurement[]): string {
  const rows = [['measured', 'value', 'bar', '', 'how'], ...measurements.map(row)]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)))
  return rows
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
