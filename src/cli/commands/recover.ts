import type { ControlRequest } from '../../daemon/control-protocol.ts'
import type { PlannedRemedy, PlannedStep } from '../../daemon/control-protocol.ts'
import { actAndTell, teller } from '../act-and-tell.ts'
import { askOrFail, DAEMON_EXIT_CODES, SILENCE_MS } from '../ask.ts'
import type { Told } from '../ask.ts'
import { clusterToActOn } from '../cluster-to-act-on.ts'
import type { Command, Invocation, Io } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { confirmByName } from '../confirm.ts'
import { EXIT } from '../exit-codes.ts'
import { styleFor } from '../style.ts'
import { renderTable } from '../table.ts'

interface Planned {
  readonly cluster: string
  readonly verdict: string
  readonly steps: readonly PlannedStep[]
  readonly remedies: readonly PlannedRemedy[]
}

function printPlan(io: Io, { cluster, verdict, steps, remedies }: Planned): void {
  const style = styleFor(io, io.stdout)
  const paints = { run: style.warning, skip: style.dim, stop: style.bad }
  io.stdout.write(`${style.bold(cluster)}  ${verdict}\n`)
  const reasonOf = (step: PlannedStep) => (step.go === 'run' ? `${step.because}; ${step.changes}` : step.because)
  const rows = steps.map((step) => [step.name, { text: step.go, paint: paints[step.go] }, reasonOf(step)])
  io.stdout.write(renderTable(io.stdout, ['STEP', 'NOW', 'WHY'], rows, '  '))
  if (remedies.length === 0) return
  const rungs = remedies.map((remedy) => [
    remedy.name,
    remedy.target,
    { text: remedy.go, paint: paints[remedy.go] },
    remedy.cost,
    remedy.go === 'run' ? `${remedy.because}; ${remedy.changes}` : remedy.because,
  ])
  io.stdout.write(`\n${renderTable(io.stdout, ['REMEDY', 'FOR', 'NOW', 'COSTS', 'WHY'], rungs, '  ')}`)
}

function printer(io: Io): (answer: Told) => void {
  return (answer) => {
    if (answer.type === 'plan') printPlan(io, answer)
  }
}

async function plan(invocation: Invocation, io: Io): Promise<number> {
  const cluster = textOf(invocation, 'cluster')
  const request: ControlRequest = { command: 'recover', planOnly: true, ...(cluster === undefined ? {} : { cluster }) }
  const asked = await askOrFail(invocation, io, request, teller(invocation, io, printer(io)), SILENCE_MS)
  return asked.ok ? EXIT.ok : asked.exitCode
}

export const command: Command = {
  name: 'recover',
  summary: 'Run the recovery pipeline now, or show what it would do',
  description: [
    'The daemon runs the same pipeline as by itself, each step only where its precondition holds, and the attempt counts. The steps are reported as they come.',
    "On a terminal the cluster's name has to be typed first. --plan changes nothing.",
  ],
  options: {
    plan: { type: 'boolean', description: 'only show what each step would do now, and why' },
    yes: { type: 'boolean', short: 'y', description: 'do not ask for confirmation' },
    cluster: CLUSTER_OPTION,
  },
  examples: [
    { line: 'pgwatchd recover --plan', explanation: 'look before you leap' },
    { line: 'pgwatchd recover --cluster 15-main --yes', explanation: 'from a script' },
  ],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    if (isSet(invocation, 'plan')) return await plan(invocation, io)
    const target = await clusterToActOn(invocation, io)
    if ('exitCode' in target) return target.exitCode
    const what = 'This may restart PostgreSQL and end its sessions'
    if (!(await confirmByName(invocation, io, { name: target.name, what }))) return EXIT.failed
    const request: ControlRequest = { command: 'recover', planOnly: false, cluster: target.name }
    return await actAndTell(invocation, io, request, printer(io))
  },
}
