import { askOrFail, DAEMON_EXIT_CODES } from '../ask.ts'
import type { Command } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { EXIT } from '../exit-codes.ts'
import { printJson } from '../print.ts'

export const command: Command = {
  name: 'resume',
  summary: 'Let pgwatchd act again after a pause, or after its attempts were spent',
  description: ['It ends a pause, and it gives a cluster whose recovery attempts are spent (mode exhausted) all of them again.'],
  options: { cluster: CLUSTER_OPTION },
  examples: [{ line: 'pgwatchd resume --cluster 15-main', explanation: 'the cause is mended: watch and act again' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const cluster = textOf(invocation, 'cluster')
    const request = { command: 'resume', by: io.user, ...(cluster === undefined ? {} : { cluster }) } as const
    const asked = await askOrFail(invocation, io, request, () => undefined)
    if (!asked.ok) return asked.exitCode
    if (isSet(invocation, 'json')) printJson(io, { ok: true, text: asked.text })
    else io.stdout.write(`${asked.text}\n`)
    return EXIT.ok
  },
}
