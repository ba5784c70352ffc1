import { numberOf, sumOf, textOf } from './figures.ts'
import { details, namesOf, secondsOf, table } from './markdown.ts'
import type { Section } from './section.ts'

export const crashMatrix: Section = {
  title: 'Death at a system call, on real PostgreSQL',
  intro: `A cluster is damaged. The built daemon is started on it under strace, which sends SIGKILL right before one of the system calls by which the
daemon changes something: a file, a directory, a process, the server. A second daemon is then left alone until the cluster is healthy. Every row
that was acknowledged before the damage is compared, and so are PostgreSQL's own files, the count of attempts on record, the incident, the mails,
and what is left behind. A point counts as hit only if strace saw the daemon killed at such a call; a kill at a call that changes nothing is listed
apart, and is checked as well. "Made worse" counts runs after which anything but the rows was not as it must be.`,
  suite: 'crash-matrix',
  render: (figures) => [
    `**${String(sumOf(figures, 'hit'))} points hit, over ${String(figures.length)} kinds of damage: ${String(sumOf(figures, 'converged'))} converged, ` +
      `${String(sumOf(figures, 'rowsLost'))} acknowledged rows lost, ${String(sumOf(figures, 'worse'))} made worse.** ` +
      `${String(sumOf(figures, 'hitElsewhere'))} more kills hit a call that changes nothing; ${String(sumOf(figures, 'missed'))} points were not reached.`,
    table(
      [
        'damage',
        'points',
        'hit',
        'hit elsewhere',
        'not reached',
        'converged',
        'rows lost',
        'made worse',
        'seconds to converge: p50 / p95 / max',
      ],
      figures.map((figure) => [
        textOf(figure, 'kind'),
        ...['points', 'hit', 'hitElsewhere', 'missed', 'converged', 'rowsLost', 'worse'].map((member) => numberOf(figure, member)),
        secondsOf(figure),
      ]),
    ),
    details(
      'What each kind is',
      figures.map((figure) => `- ${textOf(figure, 'kind')}: ${textOf(figure, 'sentence')}`),
    ),
    details(
      'Calls that a whole run makes, and that no kill has hit',
      figures.map((figure) => `- ${textOf(figure, 'kind')}: ${namesOf(figure, 'labelsNotHit')}`),
    ),
  ],
}
