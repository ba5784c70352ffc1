import { isatty } from 'node:tty'
import type { Style } from '../../../src/cli/style.ts'
import { styleFor } from '../../../src/cli/style.ts'
import { renderTable, wrapText } from '../../../src/cli/table.ts'

export type Speaker = 'demo' | 'client' | 'pgwatchd' | 'mail'

/** Tells what happens, as it happens. */
export interface Narrator {
  /** A plain line, outside the timeline. */
  say(text: string): void
  heading(text: string): void
  /** A line of the timeline, now. */
  tell(speaker: Speaker, text: string): void
  /** A label and what belongs to it, below the timeline. */
  fact(label: string, text: string): void
  /** Aligned columns. */
  table(header: readonly string[], rows: readonly (readonly string[])[]): void
  /** From now on this directory is written as "~demo", which is easier to read. */
  abbreviate(directory: string): void
}

const INDENT = ' '.repeat(2 + 8 + 2 + 8 + 2)
const LABEL_WIDTH = 14
const NARROWEST = 60
const WIDTH_OF_FILE = 120

/** Writes to stdout; times are counted from `startMs` (`performance.now()`). */
export function createNarrator(startMs: number): Narrator {
  const stream = process.stdout
  const isTerminal = isatty(stream.fd)
  const output = {
    write: (text: string) => void stream.write(text),
    isTerminal,
    columns: isTerminal ? Math.max(NARROWEST, stream.columns) : WIDTH_OF_FILE,
  }
  const style = styleFor({ environment: process.env }, output)
  const paints: Readonly<Record<Speaker, Style['dim']>> = { demo: style.warning, client: style.dim, pgwatchd: style.good, mail: style.bold }
  let longName = ''
  const shorten = (text: string) => (longName === '' ? text : text.replaceAll(longName, '~demo'))
  const wrapped = (text: string, indent: string) =>
    wrapText(shorten(text), Math.max(40, output.columns - indent.length)).join(`\n${indent}`)
  return {
    abbreviate: (directory) => void (longName = directory),
    say: (text) => output.write(`${shorten(text)}\n`),
    heading: (text) => output.write(`\n${style.bold(text)}\n${style.dim('-'.repeat(text.length))}\n`),
    table: (header, rows) =>
      output.write(
        renderTable(
          output,
          header,
          rows.map((row) => row.map(shorten)),
          '  ',
        ),
      ),
    tell: (speaker, text) => {
      const seconds = `${((performance.now() - startMs) / 1_000).toFixed(2)} s`.padStart(8)
      output.write(`  ${style.dim(seconds)}  ${paints[speaker](speaker.padEnd(8))}  ${wrapped(text, INDENT)}\n`)
    },
    fact: (label, text) => output.write(`  ${style.bold(label.padEnd(LABEL_WIDTH))}${wrapped(text, ' '.repeat(2 + LABEL_WIDTH))}\n`),
  }
}
