import type { BackupReport } from '../../../daemon/control-protocol.ts'
import { askOrFail, DAEMON_EXIT_CODES } from '../../ask.ts'
import { proofCell } from '../../backup-view.ts'
import type { Command, Io } from '../../command.ts'
import { isSet, textOf } from '../../command.ts'
import { CLUSTER_OPTION } from '../../common-options.ts'
import { spellAgo, spellDuration } from '../../durations.ts'
import { EXIT } from '../../exit-codes.ts'
import { printJson } from '../../print.ts'
import { spellSize } from '../../sizes.ts'
import { styleFor } from '../../style.ts'
import { renderTable } from '../../table.ts'

function printReport(io: Io, { cluster, kind, directory, backups, unusable, running }: BackupReport): void {
  const style = styleFor(io, io.stdout)
  io.stdout.write(`${style.bold(cluster)}  ${kind === 'none' ? style.warning('no backups are configured') : kind}, ${directory}\n`)
  if (running !== '') io.stdout.write(`  ${style.warning(`pgwatchd is ${running}`)}\n`)
  const rows = backups.map((backup) => {
    const { id, kind: made, startedWallMs, endedWallMs, sizeBytes } = backup.manifest
    const took = spellDuration(endedWallMs - startedWallMs)
    return [id, made, spellAgo(startedWallMs, io.now()), took, spellSize(sizeBytes), proofCell(backup, style, io.now())]
  })
  if (rows.length === 0) io.stdout.write('  no backups\n')
  else io.stdout.write(renderTable(io.stdout, ['ID', 'KIND', 'MADE', 'TOOK', 'SIZE', 'PROVED'], rows, '  '))
  for (const { directory: folder, why } of unusable) io.stdout.write(style.bad(`  ${folder} is no usable backup: ${why}\n`))
}

export const command: Command = {
  name: 'backup list',
  summary: 'List the backups, the newest first, with what is proved of each',
  description: ['A folder that looks like a backup and is none is listed as such.'],
  options: { cluster: CLUSTER_OPTION },
  examples: [{ line: 'pgwatchd backup list --json', explanation: 'for a monitoring system' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const cluster = textOf(invocation, 'cluster')
    const found: BackupReport[] = []
    const asked = await askOrFail(invocation, io, { command: 'backup-list', ...(cluster === undefined ? {} : { cluster }) }, (answer) => {
      if (answer.type === 'backups') found.push(...answer.clusters)
    })
    if (!asked.ok) return asked.exitCode
    if (isSet(invocation, 'json')) printJson(io, found)
    else for (const report of found) printReport(io, report)
    return EXIT.ok
  },
}
