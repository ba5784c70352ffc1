import { DAEMON_EXIT_CODES } from '../../ask.ts'
import { askBackup, clusterOf } from '../../ask-backup.ts'
import type { Command } from '../../command.ts'
import { isSet } from '../../command.ts'
import { CLUSTER_OPTION } from '../../common-options.ts'
import { EXIT } from '../../exit-codes.ts'
import { printJson } from '../../print.ts'
import { styleFor } from '../../style.ts'
import { renderTable } from '../../table.ts'

export const command: Command = {
  name: 'backup prune',
  summary: 'Remove old backups, or show which would go and which stay, and why',
  description: [
    'What is older than backup.keep and beyond the newest backup.keep_count goes. The newest that is proved always stays, with what it builds on.',
    'Nothing goes while the newest is not verified, or was found to be broken.',
  ],
  options: { cluster: CLUSTER_OPTION, plan: { type: 'boolean', description: 'only show what would be removed' } },
  examples: [{ line: 'pgwatchd backup prune --plan', explanation: 'look first' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const request = { command: 'backup-prune', planOnly: isSet(invocation, 'plan'), ...clusterOf(invocation) } as const
    const asked = await askBackup(invocation, io, request)
    if (!asked.ok) return asked.exitCode
    if (asked.answer?.type !== 'pruned') throw new Error('the daemon answered "done" without what was pruned')
    const { pruned, cluster } = asked.answer
    if (isSet(invocation, 'json')) {
      printJson(io, { cluster, ...pruned })
      return EXIT.ok
    }
    const style = styleFor(io, io.stdout)
    const rows = pruned.verdicts.map(({ id, keep, because }) => [
      id,
      { text: keep ? 'stays' : request.planOnly ? 'would go' : 'removed', paint: keep ? style.dim : style.warning },
      because,
    ])
    io.stdout.write(rows.length === 0 ? 'no backups\n' : renderTable(io.stdout, ['ID', 'WHAT', 'WHY'], rows))
    if (pruned.objection !== '') io.stdout.write(style.warning(`nothing is removed, because ${pruned.objection}\n`))
    io.stdout.write(`${asked.text}\n`)
    return EXIT.ok
  },
}
