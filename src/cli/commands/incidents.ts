import type { Incident } from '../../core/incident.ts'
import type { Command, Invocation, Io } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { spellDuration, spellMoment } from '../durations.ts'
import { EXIT } from '../exit-codes.ts'
import { explainCode } from '../files.ts'
import { readIncident, readIncidents } from '../incident-files.ts'
import type { IncidentsRead, StoredIncident } from '../incident-files.ts'
import { printIncident } from '../incident-view.ts'
import { configFor } from '../load-config.ts'
import { printFailure, printJson } from '../print.ts'
import { styleFor } from '../style.ts'
import { renderTable } from '../table.ts'

const SHOWN = 20

const WHY_FORBIDDEN =
  'incidents may hold rows of the database, so only the user of pgwatchd and root may read them: sudo -u postgres pgwatchd incidents'

function reportUnreadable(invocation: Invocation, io: Io, read: Extract<IncidentsRead, { ok: false }>): number {
  const isForbidden = read.code === 'EACCES' || read.code === 'EPERM'
  const message = `cannot read ${read.path}: ${explainCode(read.code)}`
  return printFailure(io, invocation, { code: 'incidents-unreadable', message, hint: isForbidden ? WHY_FORBIDDEN : '' }, EXIT.failed)
}

function rowOf(io: Io, incident: Incident): readonly string[] {
  const { id, cluster, cause, openedAtWallMs, downtimeMs, outcome, closedAtWallMs, verdict } = incident
  const downtime = downtimeMs === undefined ? '-' : spellDuration(downtimeMs)
  const open = `open for ${spellDuration(io.now() - openedAtWallMs)}`
  return [id, cluster, cause, spellMoment(openedAtWallMs), downtime, closedAtWallMs === undefined ? open : outcome, verdict]
}

function printList(io: Io, incidents: readonly Incident[], total: number): void {
  if (incidents.length === 0) {
    io.stdout.write('no incidents\n')
    return
  }
  const style = styleFor(io, io.stdout)
  const header = ['ID', 'CLUSTER', 'CAUSE', 'SINCE', 'DOWN', 'OUTCOME', 'VERDICT']
  io.stdout.write(
    renderTable(
      io.stdout,
      header,
      incidents.map((incident) => rowOf(io, incident)),
    ),
  )
  const left = total - incidents.length
  if (left > 0) io.stdout.write(style.dim(`${left} older not shown: --all shows them\n`))
}

function list(invocation: Invocation, io: Io, stored: readonly StoredIncident[]): number {
  const cluster = textOf(invocation, 'cluster')
  const matching = stored.map(({ incident }) => incident).filter((incident) => cluster === undefined || incident.cluster === cluster)
  const shown = isSet(invocation, 'all') ? matching : matching.slice(0, SHOWN)
  if (isSet(invocation, 'json')) printJson(io, shown)
  else printList(io, shown, matching.length)
  return EXIT.ok
}

async function show(invocation: Invocation, io: Io, directory: string, id: string): Promise<number> {
  const found = await readIncident(directory, id)
  if (!found.ok && found.code !== 'ENOENT') return reportUnreadable(invocation, io, found)
  if (!found.ok) {
    const failure = { code: 'unknown-incident', message: `there is no incident ${id}`, hint: 'pgwatchd incidents lists them' }
    return printFailure(io, invocation, failure, EXIT.failed)
  }
  if (isSet(invocation, 'json')) printJson(io, { ...found.value.incident, directory: found.value.directory, files: found.value.files })
  else printIncident(io, found.value)
  return EXIT.ok
}

export const command: Command = {
  name: 'incidents',
  summary: 'List what happened, or tell one incident in full',
  description: [
    'An incident reaches from the first failed look to the first healthy one.',
    'With an ID (or the beginning of one): what was seen, what was done, and which files were kept.',
    'It reads the folders of the incidents and needs no running daemon. They belong to the user of pgwatchd alone.',
  ],
  options: {
    cluster: { type: 'string', value: 'NAME', description: 'only incidents of this cluster' },
    all: { type: 'boolean', description: `list all, not only the newest ${SHOWN}` },
  },
  positional: { name: 'ID', required: false, description: 'the incident to tell; "last" is the newest' },
  examples: [{ line: 'sudo -u postgres pgwatchd incidents last', explanation: 'the newest in full' }],
  exitCodes: {
    [EXIT.failed]: 'there is no such incident, or they may not be read',
    [EXIT.configuration]: 'the configuration cannot be used',
  },
  async run(invocation, io) {
    const configured = await configFor(invocation, io)
    if (!configured.ok) return configured.exitCode
    const read = await readIncidents(configured.config.stateDirectory)
    if (!read.ok) return reportUnreadable(invocation, io, read)
    const { positional } = invocation
    if (positional === undefined) return list(invocation, io, read.value)
    const matches = positional === 'last' ? read.value.slice(0, 1) : read.value.filter(({ incident }) => incident.id.startsWith(positional))
    const exact = matches.find(({ incident }) => incident.id === positional)
    if (exact === undefined && matches.length > 1) {
      const hint = matches
        .slice(0, 5)
        .map(({ incident }) => incident.id)
        .join('\n')
      return printFailure(
        io,
        invocation,
        { code: 'ambiguous-incident', message: `${matches.length} incidents begin with ${positional}`, hint },
        EXIT.failed,
      )
    }
    return await show(invocation, io, configured.config.stateDirectory, (exact ?? matches[0])?.incident.id ?? positional)
  },
}
