/** Writes docs/reliability.md from the figures that the last runs of the tests have left in .tap/reliability. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readFigures } from './reliability/figures.ts'
import { renderReliability } from './reliability/render.ts'

const PROJECT = join(import.meta.dirname, '..')

writeFileSync(join(PROJECT, 'docs/reliability.md'), renderReliability(readFigures(join(PROJECT, '.tap/reliability'))))
process.stdout.write('wrote docs/reliability.md\n')
