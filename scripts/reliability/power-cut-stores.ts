import { sumOf, textOf, type Figure } from './figures.ts'
import { table } from './markdown.ts'
import type { Section } from './section.ts'

const PROTOCOLS = ['right', 'no-directory-sync', 'no-sync'] as const

export const powerCutStores: Section = {
  title: 'Power cuts while the stores are written to',
  intro: `Each store of pgwatchd (counters, journal, mails, incidents, log of changes, moved files) is written to by its own code on a volume of ext4 and of
xfs. At a random moment the volume is shut down by FS_IOC_SHUTDOWN without its log, which loses what was not made durable; it is mounted again and read
by the same code. Only what was acknowledged before the cut counts. The same is done with the same code on system calls that leave out the fsync of
directories, and every fsync: a harness that cannot see those fail would prove nothing.`,
  suite: 'power-cut-stores',
  render(figures) {
    const right = figures.filter(({ protocol }) => protocol === 'right')
    return [
      `**${String(sumOf(right, 'cuts'))} power cuts, ${String(sumOf(right, 'acknowledged'))} acknowledged writes: ${String(sumOf(right, 'lost'))} lost, ` +
        `${String(sumOf(right, 'torn'))} torn.**`,
      table(['store', 'file system', 'as it is', 'without fsync of directories', 'without any fsync'], rowsOf(figures)),
      'Cells: cuts after which something acknowledged was lost or torn, of all cuts. That a wrong protocol loses nothing in some store is a property of the ' +
        'file system: an fsync of a new file makes its name durable on ext4 and xfs as well.',
    ]
  },
}

function rowsOf(figures: readonly Figure[]): readonly (readonly string[])[] {
  const places = Map.groupBy(figures, (figure) => `${textOf(figure, 'kind')} ${textOf(figure, 'fileSystem')}`)
  return [...places].map(([place, those]) => [
    ...place.split(' '),
    ...PROTOCOLS.map((protocol) => {
      const cuts = those.filter((figure) => figure['protocol'] === protocol)
      return `${String(sumOf(cuts, 'lost') + sumOf(cuts, 'torn'))} of ${String(sumOf(cuts, 'cuts'))}`
    }),
  ])
}
