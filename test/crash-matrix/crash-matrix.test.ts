import t from 'tap'
import { recordFigures, spreadOf } from '../support/reliability.ts'
import type { Damage } from './support/damages/damage.ts'
import { DAMAGES } from './support/damages/index.ts'
import { play } from './support/play.ts'
import { formatPoint } from './support/point.ts'
import type { RunResult } from './support/run.ts'
import { choosePoints } from './support/sample.ts'
import { makeTemplate } from './support/template.ts'
import type { Call } from './support/trace.ts'

const FULL = process.env['PGWATCHD_TEST_FULL'] === '1'
const SEED = Number(process.env['PGWATCHD_TEST_SEED'] ?? 1)
const SAMPLED_POINTS = 100
const AT_A_TIME = 2

t.setTimeout(FULL ? 14_400_000 : 900_000)

const plan = await makeTemplate(t)
const figures: object[] = []

for (const damage of DAMAGES) {
  await t.test(`${damage.name}: ${damage.sentence}`, async (t) => {
    const recording = await play({ plan, damage: damage.name })
    t.strictSame(wrongIn(recording), [], `without a kill\n${recording.log.join('\n')}`)
    const points = choosePoints(recording.calls, FULL ? 'all' : Math.ceil(SAMPLED_POINTS / DAMAGES.length), SEED)
    const tried: RunResult[] = []

    const work = async (): Promise<void> => {
      for (let call = points.next(); call !== undefined; call = points.next()) {
        const result = await play({ plan, damage: damage.name, kill: call, attempts: recording.attempts })
        tried.push(result)
        if (result.hit?.changes !== true) points.miss(call)
        if (result.hit === undefined) continue
        const reproduce = `node test/crash-matrix/reproduce.ts ${damage.name} ${formatPoint(call)}`
        const wrong = wrongIn(result)
        t.strictSame(wrong, [], `killed at ${result.hit.label}: ${reproduce}${wrong.length > 0 ? `\n${result.log.join('\n')}` : ''}`)
      }
    }
    await Promise.all(Array.from({ length: AT_A_TIME }, work))
    figures.push(figureOf(damage, recording.calls, tried))
    t.ok(
      tried.some(({ hit }) => hit?.changes === true),
      'points were really hit',
    )
  })
}
recordFigures('crash-matrix', `./scripts/test${FULL ? ' --full' : ''} --only crash-matrix`, figures)

/** What a run must not have left, in sentences. */
function wrongIn({ lost, problems }: RunResult): readonly string[] {
  return [...lost.map((row) => `lost: ${row}`), ...problems]
}

function figureOf(damage: Damage, calls: readonly Call[], tried: readonly RunResult[]): object {
  const hits = tried.filter(({ hit }) => hit?.changes === true)
  const reached = new Set(hits.map(({ hit }) => hit?.label))
  const labels = [...new Set(calls.map(({ label }) => label))]
  return {
    kind: damage.name,
    sentence: damage.sentence,
    full: FULL,
    seed: SEED,
    points: calls.length,
    tried: tried.length,
    hit: hits.length,
    hitElsewhere: tried.filter(({ hit }) => hit?.changes === false).length,
    missed: tried.filter(({ hit }) => hit === undefined).length,
    converged: hits.filter(({ convergedMs }) => convergedMs > 0).length,
    rowsLost: hits.reduce((sum, { lost }) => sum + lost.length, 0),
    worse: hits.filter(({ problems }) => problems.length > 0).length,
    seconds: spreadOf(hits.map(({ convergedMs }) => convergedMs)),
    labels: labels.length,
    labelsNotHit: labels.filter((label) => !reached.has(label)),
  }
}
