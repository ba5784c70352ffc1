import type { Incident } from '../core/incident.ts'
import type { Io } from './command.ts'
import { spellDuration, spellMoment } from './durations.ts'
import type { IncidentDetail } from './incident-files.ts'
import type { Style } from './style.ts'
import { spellSize } from './sizes.ts'
import { styleFor } from './style.ts'
import type { Cell } from './table.ts'
import { renderTable } from './table.ts'

function facts(incident: Incident, nowMs: number): readonly (readonly [string, string])[] {
  const { closedAtWallMs: closed, openedAtWallMs: opened, downtimeMs } = incident
  return [
    ['cluster', incident.cluster],
    ['cause', incident.cause],
    ['opened', spellMoment(opened)],
    ['closed', closed === undefined ? `still open, for ${spellDuration(nowMs - opened)}` : `${spellMoment(closed)} (${incident.outcome})`],
    ['down', downtimeMs === undefined ? 'it served all the time, or is not known' : spellDuration(downtimeMs)],
    ['attempts', String(incident.attempts)],
    ['verdict', incident.verdict],
  ]
}

function printSection(io: Io, style: Style, title: string, rows: readonly (readonly Cell[])[]): void {
  if (rows.length > 0) io.stdout.write(`\n${style.bold(title)}\n${renderTable(io.stdout, [], rows, '  ')}`)
}

/** Tells one incident in full, for people. */
export function printIncident(io: Io, { incident, directory, files }: IncidentDetail): void {
  const style = styleFor(io, io.stdout)
  io.stdout.write(`${style.bold(incident.id)}\n`)
  io.stdout.write(
    renderTable(
      io.stdout,
      [],
      facts(incident, io.now()).map(([label, text]) => [{ text: label, paint: style.dim }, text]),
      '  ',
    ),
  )
  printSection(
    io,
    style,
    'Evidence',
    incident.evidence.map((sentence) => [`- ${sentence}`]),
  )
  printSection(
    io,
    style,
    'Ruled out',
    incident.ruledOut.map((sentence) => [`- ${sentence}`]),
  )
  const timeline = incident.timeline.map(({ wallMs, text }) => [
    { text: new Date(wallMs).toISOString().slice(11, 23), paint: style.dim },
    `+${spellDuration(wallMs - incident.openedAtWallMs)}`,
    text,
  ])
  printSection(io, style, 'Timeline', timeline)
  printSection(
    io,
    style,
    `Files in ${directory}`,
    files.map((file) => [file.name, spellSize(file.sizeBytes)]),
  )
}
