import type { ControlRequest, PreflightCheck } from '../../daemon/control-protocol.ts'
import type { Told } from '../ask.ts'
import { actAndTell, teller } from '../act-and-tell.ts'
import { askOrFail, DAEMON_EXIT_CODES, RECOVERY_SILENCE_MS } from '../ask.ts'
import type { Command, Io } from '../command.ts'
import { isSet } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { confirmByName } from '../confirm.ts'
import { EXIT } from '../exit-codes.ts'
import { styleFor } from '../style.ts'
import { renderTable } from '../table.ts'
import { clusterToActOn } from '../cluster-to-act-on.ts'

function printChecks(io: Io, cluster: string, checks: readonly PreflightCheck[]): void {
  const style = styleFor(io, io.stdout)
  const paints = { pass: style.dim, tell: style.warning, stop: style.bad }
  const rows = checks.map(({ name, verdict, detail }) => [name, { text: verdict, paint: paints[verdict] }, detail])
  io.stdout.write(`${style.bold(cluster)}\n${renderTable(io.stdout, ['BEFORE A RESTART', '', 'FOUND'], rows, '  ')}`)
}

function printer(io: Io): (answer: Told) => void {
  return (answer) => {
    if (answer.type === 'preflight') printChecks(io, answer.cluster, answer.checks)
  }
}

export const command: Command = {
  name: 'restart',
  summary: 'Restart PostgreSQL once nothing speaks against it, and tell how long it was away',
  description: [
    'Looked at first: whether the server serves, its configuration as a start would read it, its data directory, signal files, backups and copies under way. What would make the start fail refuses the restart.',
    'A checkpoint comes before the stop, so that the stop is short. The restart is journalled like a recovery: killed in the middle, pgwatchd finishes it.',
    "On a terminal the cluster's name has to be typed first. --plan only looks.",
  ],
  options: {
    plan: { type: 'boolean', description: 'only look at what speaks against it, and what it would cost' },
    yes: { type: 'boolean', short: 'y', description: 'do not ask for confirmation' },
    cluster: CLUSTER_OPTION,
  },
  examples: [
    { line: 'pgwatchd restart --plan', explanation: 'would it come back?' },
    { line: 'pgwatchd restart --cluster 15-main --yes', explanation: 'from a script' },
  ],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const target = await clusterToActOn(invocation, io)
    if ('exitCode' in target) return target.exitCode
    const planOnly = isSet(invocation, 'plan')
    const what = 'This restarts PostgreSQL and ends its sessions'
    if (!planOnly && !(await confirmByName(invocation, io, { name: target.name, what }))) return EXIT.failed
    const request: ControlRequest = { command: 'restart', planOnly, cluster: target.name }
    if (!planOnly) return await actAndTell(invocation, io, request, printer(io))
    const asked = await askOrFail(invocation, io, request, teller(invocation, io, printer(io)), RECOVERY_SILENCE_MS)
    return asked.ok ? EXIT.ok : asked.exitCode
  },
}
