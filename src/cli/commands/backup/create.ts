import type { StoredBackup } from '../../../daemon/control-protocol.ts'
import { askOrFail, DAEMON_EXIT_CODES, RECOVERY_SILENCE_MS } from '../../ask.ts'
import type { Command } from '../../command.ts'
import { isSet, textOf } from '../../command.ts'
import { CLUSTER_OPTION } from '../../common-options.ts'
import { spellDuration } from '../../durations.ts'
import { EXIT } from '../../exit-codes.ts'
import { printJson } from '../../print.ts'
import { progressLine } from '../../progress.ts'
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
    const cluster = textOf(invocation, 'cluster')
    const line = progressLine(io)
    const found: StoredBackup[] = []
    const request = { command: 'backup-create', ...(cluster === undefined ? {} : { cluster }) } as const
    const asked = await askOrFail(
      invocation,
      io,
      request,
      (answer) => {
        if (answer.type === 'backup-progress') line.show(answer.progress)
        if (answer.type === 'backup') found.push(answer.backup)
      },
      RECOVERY_SILENCE_MS,
    )
    line.end()
    if (!asked.ok) return asked.exitCode
    const [backup] = found
    if (backup === undefined) throw new Error('the daemon answered "done" without a backup')
    if (isSet(invocation, 'json')) printJson(io, backup)
    else {
      const { id, sizeBytes, startedWallMs, endedWallMs } = backup.manifest
      io.stdout.write(`${id}  ${spellSize(sizeBytes)} in ${spellDuration(endedWallMs - startedWallMs)}, in ${backup.directory}\n`)
    }
    return EXIT.ok
  },
}
