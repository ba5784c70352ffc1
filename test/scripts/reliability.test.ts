import t from 'tap'
import type { Figure } from '../../scripts/reliability/figures.ts'
import { renderReliability } from '../../scripts/reliability/render.ts'

const MADE = { date: '2026-11-25', commit: 'abc', command: './scripts/test --only x', versions: { node: '24.21.0' }, seed: 7 }
const HIT = {
  ...MADE,
  suite: 'crash-matrix',
  kind: 'killed',
  sentence: 'SIGKILL',
  points: 200,
  hit: 10,
  hitElsewhere: 2,
  missed: 1,
  converged: 9,
  rowsLost: 0,
}

function cut(protocol: string, lost: number): Figure {
  return { ...MADE, suite: 'power-cut-stores', kind: 'state', fileSystem: 'ext4', protocol, cuts: 6, lost, torn: 0, acknowledged: 60 }
}

t.test('the page names what was hit, what was not, the command, the seed and the versions', async (t) => {
  const figure = {
    ...HIT,
    worse: 1,
    seconds: { p50: 1, p95: 2, max: 3.04 },
    labelsNotHit: ['fsync state', 'mkdir /tmp/pgwatchd-test-7-volume-x/data'],
  }
  const page = renderReliability(new Map([['crash-matrix', [figure]]]))
  t.match(page, '**10 points hit, over 1 kinds of damage: 9 converged, 0 acknowledged rows lost, 1 made worse.**')
  t.match(page, '| killed | 200 | 10 | 2 | 1 | 9 | 0 | 1 | 1.0 / 2.0 / 3.0 |')
  t.match(page, '- killed: `fsync state`, `mkdir <temporary>/data`')
  t.match(page, '`./scripts/test --only x`, seed 7, 2026-11-25, commit abc: node 24.21.0.')
})

t.test('wrong protocols stand beside the right one, and what was not run is said to be missing', async (t) => {
  const page = renderReliability(new Map([['power-cut-stores', [cut('right', 0), cut('no-directory-sync', 2), cut('no-sync', 6)]]]))
  t.match(page, '**6 power cuts, 60 acknowledged writes: 0 lost, 0 torn.**')
  t.match(page, '| state | ext4 | 0 of 6 | 2 of 6 | 6 of 6 |')
  t.match(page, /## Simulation[^#]*No figures: this was not run/)
  t.match(page, '## What is not promised')
})

t.test('the page shows the days of the simulation with their seeds', async (t) => {
  const figure = {
    ...MADE,
    suite: 'simulation-days',
    seeds: '1-200',
    days: 200,
    hit: 900,
    violations: 1,
    ends: { healthy: 199, waiting: 1 },
  }
  const page = renderReliability(new Map([['simulation-days', [figure]]]))
  t.match(page, '| 1-200 | 200 | 0 | 0 | 0 | 0 | 900 | 0 | 0 | 1 |')
  t.match(page, 'Modes at the end of the days: healthy 199, waiting 1.')
})
