import type { DatabaseContents } from './manifest.ts'

/** Estimates move with every vacuum; what is a tenth off, or a little, is the same table. */
const TOLERANCE_RATIO = 0.1
const TOLERANCE_ROWS = 1_000
const NAMED_AT_MOST = 5

/**
 * How the contents of a restored cluster differ from those that its backup was made of, one clause each; empty when they do not.
 * Exact counts must be equal. Estimates were taken before a copy that went on for a while, so tables that were made or dropped
 * meanwhile are no difference, but a database that is missing is one.
 */
export function compareContents(wanted: readonly DatabaseContents[], found: readonly DatabaseContents[]): readonly string[] {
  return wanted.flatMap((database) => {
    const other = found.find(({ name }) => name === database.name)
    return other === undefined ? [`database ${database.name} is missing`] : compareDatabase(database, other)
  })
}

function compareDatabase(wanted: DatabaseContents, found: DatabaseContents): readonly string[] {
  const differences = Object.entries(wanted.rows).flatMap(([table, rows]) => {
    const now = found.rows[table]
    if (now === undefined) return wanted.rowsAre === 'exact' ? [`${wanted.name}: ${table} is missing`] : []
    return isSame(rows, now, wanted.rowsAre) ? [] : [`${wanted.name}: ${table} has ${now} rows instead of ${rows}`]
  })
  const missing = wanted.rowsAre === 'exact' && found.tables !== wanted.tables
  const counted = missing ? [`${wanted.name} has ${found.tables} tables instead of ${wanted.tables}`] : []
  const all = [...counted, ...differences]
  return all.length <= NAMED_AT_MOST ? all : [...all.slice(0, NAMED_AT_MOST), `${all.length - NAMED_AT_MOST} more differences`]
}

function isSame(wanted: number, found: number, rowsAre: DatabaseContents['rowsAre']): boolean {
  if (rowsAre === 'exact') return wanted === found
  return Math.abs(wanted - found) <= Math.max(TOLERANCE_ROWS, wanted * TOLERANCE_RATIO)
}
