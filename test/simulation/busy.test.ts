import t from 'tap'
import { recordFigures } from '../support/reliability.ts'
import { randomOf } from './draw.ts'
import { beBusy } from './load.ts'
import { observe } from './observe.ts'
import { actOf } from './operations.ts'
import { find } from './run-scenario.ts'
import { createWorld } from './world.ts'

const SEED = Number(process.env['PGWATCHD_TEST_SEED'] ?? 1)
const FULL = process.env['PGWATCHD_TEST_FULL'] === '1'
const DAY_MS = 86_400_000

t.test('24 hours of a busy host on which all is well are left alone', async (t) => {
  const world = createWorld({ seed: SEED })
  const observation = observe(world)
  const acts: string[] = []
  const modes = new Set<string>()
  world.machine.gate.hook((call) => {
    if (actOf(call) !== undefined) acts.push(`${call.operation} ${call.object}`)
    return 'pass'
  })
  const violation = await find(async () => {
    world.start()
    await world.pass(2_000)
    beBusy(world, randomOf(SEED), DAY_MS)
    for (let hour = 0; hour < 24; hour += 1) {
      await world.pass(DAY_MS / 24)
      modes.add(world.daemon()?.watch().state.mode ?? 'dead')
    }
    observation.end()
  })
  const subjects = world.machine.mailer.sent.map(({ subject }) => subject)
  recordFigures('simulation-busy', `./scripts/test${FULL ? ' --full' : ''} --only simulation`, [
    {
      ...{ full: FULL, seed: SEED, hours: DAY_MS / 3_600_000, steps: observation.steps, rows: world.truth.acknowledgedRows },
      ...{ acts: acts.length, warnings: subjects.filter((subject) => subject.startsWith('[WARNING]')).length },
      violations: violation === undefined ? 0 : 1,
    },
  ])
  t.equal(violation, undefined)
  t.strictSame(acts, [], 'nothing is done')
  t.strictSame([...modes], ['healthy'])
  t.ok(world.truth.acknowledgedRows > 4_000, `${world.truth.acknowledgedRows} rows were written`)
  t.strictSame(
    subjects.filter((subject) => !/^\[(WARNING|INFO)\]/.test(subject)),
    [],
    `only warnings are told: ${subjects.join('; ')}`,
  )
})
