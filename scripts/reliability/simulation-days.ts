import { numberOf, textOf, type Figure } from './figures.ts'
import { table } from './markdown.ts'
import type { Section } from './section.ts'

const COLUMNS = ['days', 'steps', 'operations', 'troubles', 'strikes', 'hit', 'deaths', 'powerCuts', 'violations'] as const

export const simulationDays: Section = {
  title: 'Simulation: days on which much goes wrong',
  intro: `Each seed is one simulated day of the whole daemon, with looks at the usual interval: troubles of the scenarios, operators, other owners of the
cluster and a busy hour are spread over it, and deaths, power cuts and errors strike while pgwatchd deals with them. Every invariant is checked after every
step. At the end, after the last fault, the server serves, or a person was told.`,
  suite: 'simulation-days',
  render: (figures) => [
    table(
      ['seeds', 'days', 'steps', 'operations', 'troubles', 'strikes', 'hit', 'deaths', 'power cuts', 'violations'],
      figures.map((figure) => [textOf(figure, 'seeds'), ...COLUMNS.map((member) => numberOf(figure, member))]),
    ),
    ...figures.map((figure) => `Modes at the end of the days: ${endsOf(figure)}.`),
  ],
}

function endsOf(figure: Figure): string {
  const ends = figure['ends'] as Readonly<Record<string, number>>
  return Object.entries(ends)
    .map(([mode, days]) => `${mode} ${String(days)}`)
    .join(', ')
}
