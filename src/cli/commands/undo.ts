import type { ControlRequest, UndoLine } from '../../daemon/control-protocol.ts'
import { askOrFail, DAEMON_EXIT_CODES, RECOVERY_SILENCE_MS } from '../ask.ts'
import type { Command, Invocation, Io } from '../command.ts'
import { isSet } from '../command.ts'
import { spellMoment } from '../durations.ts'
import { confirmByName } from '../confirm.ts'
import { EXIT } from '../exit-codes.ts'
import { printJson } from '../print.ts'
import { styleFor } from '../style.ts'
import { renderTable } from '../table.ts'

interface Undoing {
  readonly cluster: string
  readonly incident: string
  readonly lines: readonly UndoLine[]
}

/** Asks the daemon; tells failures itself. */
async function askUndo(
  invocation: Invocation,
  io: Io,
  planOnly: boolean,
): Promise<{ readonly ok: true; readonly undoing: Undoing; readonly text: string } | { readonly ok: false; readonly exitCode: number }> {
  const request: ControlRequest = { command: 'undo', incident: invocation.positional ?? 'last', planOnly, by: io.user }
  const found: Undoing[] = []
  const asked = await askOrFail(
    invocation,
    io,
    request,
    (answer) => {
      if (answer.type === 'undo') found.push(answer)
    },
    RECOVERY_SILENCE_MS,
  )
  if (!asked.ok) return asked
  const [undoing] = found
  if (undoing === undefined) throw new Error('the daemon answered "done" without what was undone')
  return { ok: true, undoing, text: asked.text }
}

function printLines(io: Io, { cluster, incident, lines }: Undoing): void {
  const style = styleFor(io, io.stdout)
  const paints = { undone: style.good, 'would-undo': style.warning, 'not-undone': style.dim, failed: style.bad }
  io.stdout.write(`${style.bold(incident)}  ${cluster}\n`)
  const rows = lines.map((line) => [
    spellMoment(line.wallMs),
    line.by,
    line.change,
    { text: line.outcome.replace('-', ' '), paint: paints[line.outcome] },
    line.detail,
  ])
  if (rows.length > 0) io.stdout.write(renderTable(io.stdout, ['CHANGED', 'BY', 'WHAT', 'UNDO', 'HOW, OR WHY NOT'], rows, '  '))
}

export const command: Command = {
  name: 'undo',
  summary: 'Take back what an incident changed',
  description: [
    'Each change of the incident is taken back, the last first, where that is still meaningful; of the others it is said why not. --plan only shows it.',
    'The cluster is paused first, because pgwatchd would mend it again otherwise. What lies in the data directory comes back only while the server is stopped.',
    'On a terminal the name of the cluster has to be typed first.',
  ],
  options: {
    plan: { type: 'boolean', description: 'only show what would be taken back, and what cannot be' },
    yes: { type: 'boolean', short: 'y', description: 'do not ask for confirmation' },
  },
  positional: { name: 'INCIDENT', required: true, description: 'its id, the beginning of one, or "last"' },
  examples: [
    { line: 'pgwatchd undo last --plan', explanation: 'what did it change, and what could be taken back?' },
    { line: 'pgwatchd undo 20261121T014412Z --yes', explanation: 'from a script' },
  ],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const planned = await askUndo(invocation, io, true)
    if (!planned.ok) return planned.exitCode
    const isUseful = planned.undoing.lines.some((line) => line.outcome === 'would-undo')
    if (isSet(invocation, 'plan') || !isUseful) return tell(invocation, io, planned)
    if (!isSet(invocation, 'yes')) printLines(io, planned.undoing)
    const what = 'The cluster is paused, and what is listed is taken back'
    if (!(await confirmByName(invocation, io, { name: planned.undoing.cluster, what }))) return EXIT.failed
    const undone = await askUndo(invocation, io, false)
    return undone.ok ? tell(invocation, io, undone) : undone.exitCode
  },
}

function tell(invocation: Invocation, io: Io, { undoing, text }: { readonly undoing: Undoing; readonly text: string }): number {
  if (isSet(invocation, 'json')) printJson(io, { ...undoing, text })
  else {
    printLines(io, undoing)
    io.stdout.write(`${text}\n`)
  }
  return undoing.lines.some((line) => line.outcome === 'failed') ? EXIT.failed : EXIT.ok
}
