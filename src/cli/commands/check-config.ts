import type { Config, ConfigProblem } from '../../config/config.ts'
import { describeProblem } from '../../config/describe.ts'
import type { Command, Invocation, Io } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { explainCode } from '../files.ts'
import { readConfig } from '../load-config.ts'
import { printFailure, printJson } from '../print.ts'
import { styleFor } from '../style.ts'
import { summarize } from '../config-summary.ts'

function reportMistakes(invocation: Invocation, io: Io, file: string, problems: readonly ConfigProblem[]): number {
  if (isSet(invocation, 'json')) {
    printJson(io, { ok: false, file, problems })
  } else {
    io.stdout.write(problems.map((problem) => `${describeProblem(problem)}\n`).join(''))
    io.stderr.write(`${problems.length} mistake${problems.length === 1 ? '' : 's'} in ${file}\n`)
  }
  return EXIT.mistakes
}

async function reportSuccess(
  invocation: Invocation,
  io: Io,
  file: string,
  config: Config,
  warnings: readonly ConfigProblem[],
): Promise<number> {
  const summary = await summarize(config, io.environment)
  if (isSet(invocation, 'json')) {
    printJson(io, { ok: true, file, warnings, ...summary })
    return EXIT.ok
  }
  const style = styleFor(io, io.stdout)
  const doubts = [...warnings.map(describeProblem), ...summary.problems]
  io.stdout.write(doubts.map((doubt) => `${style.warning('warning:')} ${doubt}\n`).join(''))
  io.stdout.write(`${style.good('ok:')} ${file}\n${summary.sentences.map((sentence) => `  ${sentence}\n`).join('')}`)
  return EXIT.ok
}

export const command: Command = {
  name: 'check-config',
  summary: 'Check the configuration and tell which clusters it means',
  description: [
    'Mistakes are printed as file:line:column: message, with what was expected and the nearest key.',
    'The running daemon does the same at "systemctl reload pgwatchd", and keeps the old configuration when the new one is wrong.',
  ],
  options: {},
  positional: {
    name: 'FILE',
    required: false,
    description: 'the file to check instead of the one of --config; - is the standard input',
    completion: 'file',
  },
  examples: [{ line: 'pgwatchd check-config && systemctl reload pgwatchd', explanation: 'after each change' }],
  exitCodes: { [EXIT.mistakes]: 'there are mistakes in the file', [EXIT.configuration]: 'the file cannot be read' },
  async run(invocation, io) {
    const read = await readConfig(invocation.positional ?? textOf(invocation, 'config'))
    if (read.status === 'unreadable') {
      const message = `cannot read the configuration ${read.file}: ${explainCode(read.code)}`
      return printFailure(io, invocation, { code: 'config-unreadable', message, hint: '' }, EXIT.configuration)
    }
    if (!read.loaded.ok) return reportMistakes(invocation, io, read.file, read.loaded.problems)
    const file = read.status === 'defaults' ? `${read.file} (missing: every key has its default)` : read.file
    return await reportSuccess(invocation, io, file, read.loaded.config, read.loaded.warnings)
  },
}
