/** Plays one run of the simulation again: `node scripts/simulate.ts --seed 1 --scenario killed --strike kill@12`. */
import { parseArgs } from 'node:util'
import { SCENARIOS } from '../test/simulation/scenarios/index.ts'
import { commandOf, play, type Task } from '../test/simulation/task.ts'

const USAGE = `usage: node scripts/simulate.ts --seed N [--scenario NAME [--strike BLOW@OPERATION]...]

  --seed N         alone: the day that is drawn from it
  --scenario NAME  one of the scenarios below
  --strike STRIKE  kill@12, kill-within@12, power-nothing@12 (or everything, journalled, anything), EIO@12, EIO-lasts@12

Every call of pgwatchd and every line of its journal is printed with its millisecond; the exit code tells whether an
invariant was violated.

scenarios:
${SCENARIOS.map(({ name }) => `  ${name}`).join('\n')}
`

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    scenario: { type: 'string' },
    strike: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const task = taskOf()
if (task === undefined) process.stdout.write(USAGE)
else await replay(task)

function taskOf(): Task | undefined {
  const { seed, scenario, strike, help } = values
  if (help || seed === undefined) return undefined
  if (scenario === undefined) return { kind: 'day', seed: Number(seed) }
  return { kind: 'story', seed: Number(seed), scenario, strikes: strike }
}

async function replay(task: Task): Promise<void> {
  const run = await play(task, (line) => process.stdout.write(`${line}\n`))
  const { violation, operations, simulatedMs, deaths, digest } = run
  process.stdout.write(`\n${commandOf(task)}\n`)
  if ('troubles' in run) process.stdout.write(`${run.troubles.join('\n')}\nstruck: ${run.struck.join(' ')}\n`)
  process.stdout.write(`${operations} operations in ${Math.round(simulatedMs / 1000)} s, ${deaths} deaths, digest ${digest}\n`)
  if (violation === undefined) return void process.stdout.write('no violation\n')
  process.stdout.write(`violated at ${violation.atMs} ms, step ${violation.step}: ${violation.invariant}: ${violation.detail}\n`)
  process.exitCode = 1
}
