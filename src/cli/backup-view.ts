import type { BackupSummary, StoredBackup } from '../daemon/control-protocol.ts'
import type { Io } from './command.ts'
import { spellAgo, spellDuration, spellMoment } from './durations.ts'
import { spellSize } from './sizes.ts'
import type { Style } from './style.ts'
import { styleFor } from './style.ts'
import type { Cell } from './table.ts'
import { renderTable } from './table.ts'

const SHOWN_TABLES = 10

/** What is proved of a backup, as one cell. */
export function proofCell({ standing }: Pick<BackupSummary, 'standing'>, style: Style, nowMs: number): Cell {
  const { verified, drilled } = standing
  const proof = drilled ?? verified
  if (proof === undefined) return { text: 'not yet', paint: style.dim }
  if (verified?.ok === false) return { text: `broken: ${verified.detail}`, paint: style.bad }
  if (!proof.ok) return { text: `drill failed: ${proof.detail}`, paint: style.bad }
  const word = drilled === undefined ? 'verified' : 'restored'
  return { text: `${word} ${spellAgo(proof.wallMs, nowMs)}`, paint: style.good }
}

/** One backup in full, for people. */
export function printBackup(io: Io, backup: StoredBackup): void {
  const style = styleFor(io, io.stdout)
  const { manifest, standing, directory } = backup
  const proofs = (['verified', 'drilled'] as const).flatMap((name) => {
    const proof = standing[name]
    return proof === undefined
      ? []
      : [[name, `${proof.ok ? 'yes' : 'FAILED'}, ${spellMoment(proof.wallMs)}, in ${spellDuration(proof.tookMs)}: ${proof.detail}`]]
  })
  const facts = [
    ['cluster', `${manifest.cluster}, system identifier ${manifest.systemIdentifier}`],
    ['made', `${spellMoment(manifest.startedWallMs)}, in ${spellDuration(manifest.endedWallMs - manifest.startedWallMs)}`],
    ['server', `PostgreSQL ${manifest.serverVersion}, timeline ${manifest.timeline}`],
    ...(manifest.startLsn === '' ? [] : [['WAL', `${manifest.startLsn} to ${manifest.stopLsn}`]]),
    ['size', `${spellSize(manifest.sizeBytes)} in ${manifest.files.length} files`],
    ...(manifest.base === null ? [] : [['builds on', manifest.base]]),
    [
      'tools',
      Object.entries(manifest.tools)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ...proofs,
    ['folder', directory],
  ]
  io.stdout.write(`${style.bold(manifest.id)}\n${renderTable(io.stdout, [], facts, '  ')}`)
  for (const { name, tables, rows, rowsAre } of manifest.contents) {
    io.stdout.write(`\n${style.bold(name)}  ${tables} tables\n`)
    const largest = Object.entries(rows).slice(0, SHOWN_TABLES)
    io.stdout.write(
      renderTable(
        io.stdout,
        [],
        largest.map(([table, count]) => [table, `${count} rows${rowsAre === 'exact' ? '' : ' (estimated)'}`]),
        '  ',
      ),
    )
  }
}
