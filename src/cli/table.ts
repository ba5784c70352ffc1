import type { Output } from './command.ts'
import type { Paint } from './style.ts'

/** A cell's plain text and, where wanted, its colour; colours do not count as width. */
export type Cell = string | { readonly text: string; readonly paint: Paint }

const GAP = '  '
/** Below this the last column is not wrapped: it would be a tower of single words. */
const NARROWEST_LAST_COLUMN = 24

function textOfCell(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text
}

function paintOf(cell: Cell): Paint {
  return typeof cell === 'string' ? (text) => text : cell.paint
}

/** Breaks at blanks so that no line is longer than `width`; a longer word stays whole. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

function widthsOf(rows: readonly (readonly Cell[])[]): readonly number[] {
  const count = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length: count }, (_, column) => Math.max(0, ...rows.map((row) => textOfCell(row[column] ?? '').length)))
}

function renderRow(row: readonly Cell[], widths: readonly number[], indent: string, lastWidth: number): string {
  const last = row.length - 1
  const head = row.slice(0, last).map((cell, column) => paintOf(cell)(textOfCell(cell).padEnd(widths[column] ?? 0)) + GAP)
  const hanging = ' '.repeat(indent.length + widths.slice(0, last).reduce((sum, width) => sum + width + GAP.length, 0))
  const lastCell = row[last] ?? ''
  const lines = wrapText(textOfCell(lastCell), lastWidth).map(paintOf(lastCell))
  return `${indent}${head.join('')}${lines.join(`\n${hanging}`)}`.replace(/[ \t]+$/gm, '')
}

/**
 * Aligned columns; on a terminal the last one is wrapped to its width. An empty `header` is left out. Ends with a newline
 * unless there is nothing to print.
 */
export function renderTable(
  output: Pick<Output, 'isTerminal' | 'columns'>,
  header: readonly Cell[],
  rows: readonly (readonly Cell[])[],
  indent = '',
): string {
  const all = header.length === 0 ? rows : [header, ...rows]
  const widths = widthsOf(all)
  const used = indent.length + widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, 0)
  const room = output.columns - used
  const lastWidth = output.isTerminal && room >= NARROWEST_LAST_COLUMN ? room : Infinity
  return all.map((row) => `${renderRow(row, widths, indent, lastWidth)}\n`).join('')
}
