import type { StoredBackup } from '../../../daemon/control-protocol.ts'
import { askOrFail, DAEMON_EXIT_CODES } from '../../ask.ts'
import { printBackup } from '../../backup-view.ts'
import type { Command } from '../../command.ts'
import { isSet, textOf } from '../../command.ts'
import { BACKUP_ID, CLUSTER_OPTION } from '../../common-options.ts'
import { EXIT } from '../../exit-codes.ts'
import { printJson } from '../../print.ts'

export const command: Command = {
  name: 'backup show',
  summary: 'Tell one backup in full: what it holds, and what is proved of it',
  description: [],
  options: { cluster: CLUSTER_OPTION },
  positional: BACKUP_ID,
  examples: [{ line: 'pgwatchd backup show last', explanation: 'the newest in full' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const cluster = textOf(invocation, 'cluster')
    const found: StoredBackup[] = []
    const request = { command: 'backup-show', id: invocation.positional ?? 'last', ...(cluster === undefined ? {} : { cluster }) } as const
    const asked = await askOrFail(invocation, io, request, (answer) => {
      if (answer.type === 'backup') found.push(answer.backup)
    })
    if (!asked.ok) return asked.exitCode
    for (const backup of found) {
      if (isSet(invocation, 'json')) printJson(io, backup)
      else printBackup(io, backup)
    }
    return EXIT.ok
  },
}
