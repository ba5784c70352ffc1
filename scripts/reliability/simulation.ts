import type { Figure } from './figures.ts'
import { table } from './markdown.ts'
import type { Section } from './section.ts'

const CIRCUMSTANCES = ['suite', 'date', 'commit', 'command', 'versions', 'seed', 'full']

/** The figures are shown as the simulation names them. */
export const simulation: Section = {
  title: 'Simulation',
  intro: `The whole daemon runs against a simulated host: clock, disk with durable and volatile contents, PostgreSQL, systemd, mail. Faults are seeded, the
daemon dies at operations of every scenario, and the invariants are checked after every step.`,
  suite: 'simulation',
  render(figures) {
    const members = [...new Set(figures.flatMap((figure) => Object.keys(figure)))].filter((name) => !CIRCUMSTANCES.includes(name))
    return [
      table(
        members,
        figures.map((figure) => members.map((name) => cellOf(figure, name))),
      ),
    ]
  },
}

function cellOf(figure: Figure, name: string): string | number {
  const value = figure[name]
  if (typeof value === 'number' || typeof value === 'string') return value
  return value === undefined ? '' : JSON.stringify(value)
}
