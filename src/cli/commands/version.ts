import type { Command } from '../command.ts'
import { isSet } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { printJson } from '../print.ts'
import { pgwatchdCommit, pgwatchdVersion } from '../version.ts'

export const command: Command = {
  name: 'version',
  summary: 'Print the version of pgwatchd and of its runtime',
  description: ['The version of a daemon that is running may be another one: "pgwatchd status" tells it.'],
  options: {},
  examples: [{ line: 'pgwatchd --version', explanation: 'the same' }],
  exitCodes: {},
  async run(invocation, io) {
    const version = pgwatchdVersion()
    const commit = pgwatchdCommit()
    const { node } = process.versions
    if (isSet(invocation, 'json')) printJson(io, { version, commit, node })
    else io.stdout.write(`pgwatchd ${version} (${commit === '' ? '' : `commit ${commit}, `}Node ${node})\n`)
    return EXIT.ok
  },
}
