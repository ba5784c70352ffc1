import { DAEMON_EXIT_CODES } from '../../ask.ts'
import { askBackup, clusterOf } from '../../ask-backup.ts'
import type { Command } from '../../command.ts'
import { isSet, textOf } from '../../command.ts'
import { CLUSTER_OPTION } from '../../common-options.ts'
import { confirmByName } from '../../confirm.ts'
import { spellMoment } from '../../durations.ts'
import { EXIT } from '../../exit-codes.ts'
import { printJson } from '../../print.ts'

export const command: Command = {
  name: 'backup restore',
  summary: 'Restore the whole cluster or one database from a backup, keeping what is replaced',
  description: [
    'The backup is read whole and restored beside what is in use, started there and compared, and only then put in its place by a rename. What is replaced is kept until "pgwatchd backup drop-old".',
    'The whole cluster is down only from its stop to its start. One database (from a logical backup) is swapped in one transaction, its sessions are ended; owner, rights and settings are carried over.',
    'It is journalled like a recovery: killed at any point, it is finished or undone. What was committed after the backup is not in it.',
    "On a terminal the cluster's name has to be typed first.",
  ],
  options: {
    database: { type: 'string', value: 'NAME', description: 'only this database' },
    yes: { type: 'boolean', short: 'y', description: 'do not ask for confirmation' },
    cluster: CLUSTER_OPTION,
  },
  positional: { name: 'ID', required: true, description: 'its id, the beginning of one, or "last"' },
  examples: [
    { line: 'pgwatchd backup restore last --database shop', explanation: 'bring one database back' },
    { line: 'pgwatchd backup restore 20261125T060000Z --yes', explanation: 'the whole cluster, from a script' },
  ],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const shown = await askBackup(invocation, io, { command: 'backup-show', id: invocation.positional ?? '', ...clusterOf(invocation) })
    if (!shown.ok) return shown.exitCode
    if (shown.answer?.type !== 'backup') throw new Error('the daemon answered "done" without a backup')
    const { manifest } = shown.answer.backup
    const database = textOf(invocation, 'database')
    const target = database === undefined ? 'the whole cluster' : `database ${database}`
    const what = `This replaces ${target} by the backup of ${spellMoment(manifest.startedWallMs)} and ends its sessions`
    if (!(await confirmByName(invocation, io, { name: manifest.cluster, what }))) return EXIT.failed
    const request = { command: 'backup-restore', id: manifest.id, ...clusterOf(invocation) } as const
    const asked = await askBackup(invocation, io, { ...request, ...(database === undefined ? {} : { database }) })
    if (!asked.ok) return asked.exitCode
    if (isSet(invocation, 'json')) printJson(io, asked.answer)
    else if (asked.answer?.type === 'restored') io.stdout.write(asked.answer.done.map((sentence) => `${sentence}\n`).join(''))
    return EXIT.ok
  },
}
