import type { TapCounts } from './tap-output.ts'

/** How a layer ended. */
export interface LayerResult extends TapCounts {
  readonly name: string
  readonly tookMs: number
  /** Why it did not run, in part or at all; empty when it ran. */
  readonly note: string
}

/** The table of all layers, and as its last line, alone, the sum: `N passed, N failed, N skipped`. */
export function renderSummary(results: readonly LayerResult[]): string {
  const rows = results.map((result) => [
    result.name,
    String(result.passed),
    String(result.failed),
    String(result.skipped),
    (result.tookMs / 1000).toFixed(1),
    result.note,
  ])
  const table = [['layer', 'passed', 'failed', 'skipped', 'seconds', ''], ...rows].map(renderRow)
  const sum = (key: keyof TapCounts): string => String(results.reduce((total, result) => total + result[key], 0))
  return [...table, '', `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`].join('\n')
}

function renderRow(cells: readonly string[]): string {
  const [name = '', ...rest] = cells
  const note = rest.pop() ?? ''
  return `${name.padEnd(18)}${rest.map((cell) => cell.padStart(9)).join('')}  ${note}`.trimEnd()
}
