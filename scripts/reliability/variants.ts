import { numberOf, textOf, type Figure } from './figures.ts'
import { table } from './markdown.ts'
import type { Section } from './section.ts'

export const variants: Section = {
  title: 'Wrong variants of the code',
  intro: `Tests that cannot fail prove nothing. Mistakes that somebody could make are kept as patches (test/simulation/variants). Each is applied to a copy of the
code, and the simulation is run on that until an invariant does not hold: every scenario as it is, then with blows drawn by lot from a fixed seed. The code
as it is passes the same runs.`,
  suite: 'variants',
  render(figures) {
    const found = figures.filter((figure) => textOf(figure, 'invariant') !== '')
    return [
      `**${String(found.length)} of ${String(figures.length)} wrong variants found.** The others lie in test/simulation/variants/open: they have not been searched for yet, or not for long, and none is counted as found.`,
      table(['what is wrong', 'found by the invariant', 'runs', 'with'], figures.map(rowOf)),
    ]
  },
}

function rowOf(figure: Figure): readonly (string | number)[] {
  return [textOf(figure, 'wrong'), textOf(figure, 'invariant'), numberOf(figure, 'runs'), textOf(figure, 'by')]
}
