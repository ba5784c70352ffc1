import { globSync, readFileSync } from 'node:fs'

/** One line of a run's figures: what `recordFigures` of the tests wrote. Other members depend on the suite. */
export interface Figure {
  readonly suite: string
  readonly date: string
  readonly commit: string
  readonly command: string
  readonly versions: Readonly<Record<string, string>>
  readonly [member: string]: unknown
}

/** Every figure of the last runs, by suite. */
export function readFigures(directory: string): ReadonlyMap<string, readonly Figure[]> {
  const figures = globSync(`${directory}/*.jsonl`)
    .sort()
    .flatMap((path) => readFileSync(path, 'utf8').split('\n'))
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Figure)
  return Map.groupBy(figures, ({ suite }) => suite)
}

/** A member that counts something; 0 where there is none. */
export function numberOf(figure: Figure, member: string): number {
  const value = figure[member]
  return typeof value === 'number' ? value : 0
}

export function textOf(figure: Figure, member: string): string {
  const value = figure[member]
  return typeof value === 'string' ? value : ''
}

export function sumOf(figures: readonly Figure[], member: string): number {
  return figures.reduce((sum, figure) => sum + numberOf(figure, member), 0)
}
