import type { Command } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { EXIT } from '../exit-codes.ts'
import { configFor } from '../load-config.ts'
import { printFailure } from '../print.ts'

export const command: Command = {
  name: 'setup-database',
  summary: 'Create what the write probe writes to, with its grants, in each watched database',
  description: [
    'It creates a schema of its own with a ring of 100 rows, and grants the application user no more than updating them.',
    'It may be run again at any time, changes nothing that is right already, and needs no running daemon.',
    'It logs in as the superuser of the configuration over the local socket; run it as the user postgres.',
  ],
  options: {
    print: { type: 'boolean', description: 'print the SQL instead of running it' },
    undo: { type: 'boolean', description: 'remove what was created' },
    cluster: CLUSTER_OPTION,
  },
  examples: [
    { line: 'sudo -u postgres pgwatchd setup-database', explanation: 'once per cluster' },
    { line: 'pgwatchd setup-database --print | psql', explanation: 'by hand, after reading it' },
  ],
  exitCodes: { [EXIT.failed]: 'a database could not be set up', [EXIT.configuration]: 'the configuration cannot be used' },
  async run(invocation, io) {
    if (isSet(invocation, 'print') && isSet(invocation, 'undo')) {
      return printFailure(io, invocation, { code: 'usage', message: 'either --print or --undo, not both', hint: '' }, EXIT.usage)
    }
    const configured = await configFor(invocation, io)
    if (!configured.ok) return configured.exitCode
    const { setUpDatabase } = await import('../../daemon/setup-database.ts')
    const cluster = textOf(invocation, 'cluster')
    const mode = isSet(invocation, 'print') ? 'print' : isSet(invocation, 'undo') ? 'undo' : 'apply'
    return await setUpDatabase({
      config: configured.config,
      environment: { ...io.environment },
      ...(cluster === undefined ? {} : { cluster }),
      mode,
      io: { stdout: (text) => io.stdout.write(text), stderr: (text) => io.stderr.write(text), isJson: isSet(invocation, 'json') },
    })
  },
}
