import type { Figure } from './figures.ts'

/** A table of GitHub's Markdown; numbers are right-aligned. */
export function table(heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const isNumber = heads.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'))
  const lines = [heads, isNumber.map((right) => (right ? '--:' : '---')), ...rows]
  return lines.map((cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`).join('\n')
}

/** With what a suite's figures were made, once for each command, commit and day. */
export function circumstances(figures: readonly Figure[]): string {
  const ways = figures.map(({ command, commit, date, versions, ...rest }) => {
    const seed = typeof rest['seed'] === 'number' ? `, seed ${String(rest['seed'])}` : ''
    const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
    return `\`${command}\`${seed}, ${date}, commit ${commit}: ${named.join(', ')}.`
  })
  return [...new Set(ways)].join('\n')
}

/** "1.0 / 1.6 / 1.6" */
export function secondsOf(figure: Figure): string {
  const spread = figure['seconds'] as { readonly p50: number; readonly p95: number; readonly max: number }
  return [spread.p50, spread.p95, spread.max].map((seconds) => seconds.toFixed(1)).join(' / ')
}

/** A temporary folder of a test has another name in each run. */
const TEMPORARY_FOLDER = /\/tmp\/pgwatchd-test-[^/\s]+/g

/** A figure's list of names, as code. */
export function namesOf(figure: Figure, member: string): string {
  const names = (figure[member] as readonly string[]).map((name) => name.replaceAll('`', "'").replaceAll(TEMPORARY_FOLDER, '<temporary>'))
  return names.length === 0 ? 'none' : [...new Set(names)].map((name) => `\`${name}\``).join(', ')
}

/** What few read. */
export function details(summary: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `<details><summary>${summary}</summary>\n\n${lines.join('\n')}\n\n</details>`
}
