import { numberOf, sumOf, textOf, type Figure } from './figures.ts'
import { secondsOf, table } from './markdown.ts'
import type { Section } from './section.ts'

const isWrong = (figure: Figure): boolean => textOf(figure, 'kind').includes('synchronous_commit')

export const powerCutMachine: Section = {
  title: 'Power cuts of a whole machine',
  intro: `A Debian is booted in a container, with PostgreSQL's and pgwatchd's files on a volume of ext4 and of xfs. The application commits one row after the
other, and an operator pauses pgwatchd for another duration again and again; or the postmaster is killed, and pgwatchd recovers it. Then the volume is shut
down without its log, every process is killed, and the machine boots from what is left. Rows and states count that were acknowledged before the cut. Last,
the same is done with commits that PostgreSQL does not make durable, which must be seen to lose rows. pg_amcheck looks at every table and index.`,
  suite: 'power-cut-machine',
  render(figures) {
    const right = figures.filter((figure) => !isWrong(figure))
    return [
      `**${String(sumOf(right, 'cycles'))} power cuts: ${String(sumOf(right, 'rowsLost'))} of ${String(sumOf(right, 'rows'))} acknowledged rows lost, ` +
        `${String(sumOf(right, 'statesLost'))} of ${String(sumOf(right, 'states'))} acknowledged states lost.**`,
      table(
        ['cut', 'file system', 'cuts', 'rows', 'rows lost', 'states', 'states lost', 'seconds until served and watched: p50 / p95 / max'],
        figures.map((figure) => [
          textOf(figure, 'kind'),
          textOf(figure, 'fileSystem'),
          ...['cycles', 'rows', 'rowsLost', 'states', 'statesLost'].map((member) => numberOf(figure, member)),
          secondsOf(figure),
        ]),
      ),
    ]
  },
}
