import { sumOf, textOf, numberOf, type Figure } from './figures.ts'
import { details, namesOf, table } from './markdown.ts'
import type { Section } from './section.ts'

export const simulationStories: Section = {
  title: 'Simulation: death and errors at the operations of every scenario',
  intro: `The whole daemon, the same code, runs against a simulated host: clock, disk with durable and volatile contents, PostgreSQL, systemd, mail. Each
scenario is played undisturbed, and then again and again, each time struck at another operation: killed before it or within it, by a power cut that
leaves nothing, everything, what the journal of the file system orders, or anything of what was not made durable, or by an error, once or lasting. Most that
died are struck a second time while they recover. Every invariant is checked after every step, and at the end the server serves, or a person was told.`,
  suite: 'simulation-stories',
  render: (figures) => [
    `**${String(sumOf(figures, 'runs'))} runs of ${String(figures.length)} scenarios, ${hoursOf(figures)} simulated hours: ${String(sumOf(figures, 'hit'))} of ` +
      `${String(sumOf(figures, 'strikes'))} strikes hit, ${String(sumOf(figures, 'violations'))} violations.**`,
    table(
      ['scenario', 'operations', 'runs', 'of two strikes', 'strikes', 'hit', 'deaths', 'violations'],
      figures.map((figure) => [
        textOf(figure, 'kind'),
        ...['operations', 'runs', 'pairs', 'strikes', 'hit', 'deaths', 'violations'].map((member) => numberOf(figure, member)),
      ]),
    ),
    details(
      'Operations that an undisturbed run makes, and that nothing has struck in any scenario',
      figures.map((figure) => `- ${textOf(figure, 'kind')}: ${namesOf(figure, 'labelsNotHit')}`),
    ),
  ],
}

function hoursOf(figures: readonly Figure[]): string {
  return String(Math.round(sumOf(figures, 'simulatedMs') / 3_600_000))
}
