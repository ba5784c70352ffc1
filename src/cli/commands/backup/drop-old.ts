import { DAEMON_EXIT_CODES } from '../../ask.ts'
import { askBackup, clusterOf } from '../../ask-backup.ts'
import type { Command } from '../../command.ts'
import { isSet } from '../../command.ts'
import { CLUSTER_OPTION } from '../../common-options.ts'
import { confirmByName } from '../../confirm.ts'
import { EXIT } from '../../exit-codes.ts'
import { printJson } from '../../print.ts'

export const command: Command = {
  name: 'backup drop-old',
  summary: 'Remove what restores have put aside: old data directories and databases',
  description: ["On a terminal the cluster's name has to be typed first. What is dropped cannot be brought back."],
  options: {
    plan: { type: 'boolean', description: 'only show what would be dropped' },
    yes: { type: 'boolean', short: 'y', description: 'do not ask for confirmation' },
    cluster: CLUSTER_OPTION,
  },
  examples: [{ line: 'pgwatchd backup drop-old --plan', explanation: 'what is still kept?' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const planned = await askBackup(invocation, io, { command: 'backup-drop-old', planOnly: true, ...clusterOf(invocation) })
    if (!planned.ok) return planned.exitCode
    if (planned.answer?.type !== 'old') throw new Error('the daemon answered "done" without what is kept')
    const { cluster, places } = planned.answer
    const all = [...places.directories, ...places.databases.map((name) => `database ${name}`)]
    const isDone = isSet(invocation, 'plan') || all.length === 0
    if (!isSet(invocation, 'json')) io.stdout.write(all.length === 0 ? 'nothing is kept\n' : all.map((place) => `${place}\n`).join(''))
    if (isDone) {
      if (isSet(invocation, 'json')) printJson(io, planned.answer)
      return EXIT.ok
    }
    if (!(await confirmByName(invocation, io, { name: cluster, what: 'What is listed is removed for good' }))) return EXIT.failed
    const dropped = await askBackup(invocation, io, { command: 'backup-drop-old', planOnly: false, ...clusterOf(invocation) })
    if (!dropped.ok) return dropped.exitCode
    if (isSet(invocation, 'json')) printJson(io, dropped.answer)
    else io.stdout.write(`${dropped.text}\n`)
    return EXIT.ok
  },
}
