import { DAEMON_EXIT_CODES } from '../../ask.ts'
import { askBackup, clusterOf } from '../../ask-backup.ts'
import type { Command } from '../../command.ts'
import { isSet } from '../../command.ts'
import { CLUSTER_OPTION } from '../../common-options.ts'
import { spellDuration } from '../../durations.ts'
import { EXIT } from '../../exit-codes.ts'
import { printJson } from '../../print.ts'
import { spellSize } from '../../sizes.ts'

export const command: Command = {
  name: 'backup create',
  summary: 'Make a backup now',
  description: [
    'Of the kind that is configured, below the priority of the database. It is a backup only once it is complete: what is broken off leaves nothing behind.',
  ],
  options: { cluster: CLUSTER_OPTION },
  examples: [{ line: 'pgwatchd backup create', explanation: 'before a risky change' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const asked = await askBackup(invocation, io, { command: 'backup-create', ...clusterOf(invocation) })
    if (!asked.ok) return asked.exitCode
    if (asked.answer?.type !== 'backup') throw new Error('the daemon answered "done" without a backup')
    const { backup } = asked.answer
    if (isSet(invocation, 'json')) printJson(io, backup)
    else {
      const { id, sizeBytes, startedWallMs, endedWallMs } = backup.manifest
      io.stdout.write(`${id}  ${spellSize(sizeBytes)} in ${spellDuration(endedWallMs - startedWallMs)}, in ${backup.directory}\n`)
    }
    return EXIT.ok
  },
}
