import { crashMatrix } from './crash-matrix.ts'
import type { Figure } from './figures.ts'
import { circumstances } from './markdown.ts'
import { powerCutMachine } from './power-cut-machine.ts'
import { powerCutStores } from './power-cut-stores.ts'
import type { Section } from './section.ts'
import { simulationBusy } from './simulation-busy.ts'
import { simulationDays } from './simulation-days.ts'
import { simulationStories } from './simulation-stories.ts'
import { variants } from './variants.ts'

/** In the order of the page. */
const SECTIONS: readonly Section[] = [
  crashMatrix,
  powerCutStores,
  powerCutMachine,
  simulationStories,
  simulationDays,
  simulationBusy,
  variants,
]

const HEAD = `# Reliability

What was done to pgwatchd to break it, and what came of it. This page is made from the figures of the last runs by \`node scripts/reliability.ts\`; each
chapter names the command that makes its figures again. \`./scripts/test\` runs a sample of everything, \`./scripts/test --full\` all of it.`

const LIMITS = `## What is not promised

- Storage that lies: a drive that reports a flush as done and has not done it loses what pgwatchd made durable, as it loses what PostgreSQL did.
- Torn sectors, silent changes of what is on disk, faulty memory: checksums find much of that, and nothing here proves that they find all.
- File systems other than ext4 and xfs. Others are not tested; on btrfs an overwrite in place needs room, so counters cannot be saved when it is full.
- A mail may arrive twice, with the same Message-ID or, when pgwatchd was killed between sending and remembering, as a second mail. It is not lost.
- What the server's log says while no pgwatchd runs is not read. Damage that only such a line names is found when something meets it again.
- Two administrators: what a person does to the cluster by hand while pgwatchd recovers it is looked for before each step, not locked out.
- Faults of PostgreSQL itself, and of the kernel.

The claims hold under the faults that this page lists, for the versions that it names, and for nothing else.
`

/** The whole page. A suite that was not run is said to be missing. */
export function renderReliability(figures: ReadonlyMap<string, readonly Figure[]>): string {
  return [HEAD, ...SECTIONS.map((section) => renderSection(section, figures.get(section.suite) ?? [])), LIMITS].join('\n\n')
}

function renderSection(section: Section, figures: readonly Figure[]): string {
  const body = figures.length === 0 ? ['No figures: this was not run.'] : [...section.render(figures), circumstances(figures)]
  return [`## ${section.title}`, section.intro, ...body].filter((part) => part !== '').join('\n\n')
}
