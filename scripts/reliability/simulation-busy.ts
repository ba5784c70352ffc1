import { numberOf, sumOf } from './figures.ts'
import { table } from './markdown.ts'
import type { Section } from './section.ts'

const COLUMNS = ['hours', 'steps', 'rows', 'acts', 'warnings', 'violations'] as const

export const simulationBusy: Section = {
  title: 'Simulation: a busy host on which all is well',
  intro: `Slow statements, answers of any length below the limit, nearly all connection slots in use, long checkpoints, a volume that grows until somebody makes
room, an angry server log, and a wall clock that is set. pgwatchd must do nothing to the cluster, and may only warn.`,
  suite: 'simulation-busy',
  render: (figures) => [
    `**${String(sumOf(figures, 'acts'))} acts in ${String(sumOf(figures, 'hours'))} simulated hours.**`,
    table(
      ['hours', 'steps', 'rows written', 'acts', 'warnings', 'violations'],
      figures.map((figure) => COLUMNS.map((member) => numberOf(figure, member))),
    ),
  ],
}
