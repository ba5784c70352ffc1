import type { Command, Invocation } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { DEFAULT_CONFIG_FILE } from '../common-options.ts'
import { EXIT } from '../exit-codes.ts'
import { printFailure } from '../print.ts'

const LOG_FORMATS = ['auto', 'json', 'journal', 'pretty'] as const
type LogFormat = (typeof LOG_FORMATS)[number]

/** `--json` is short for `--log-format json`. */
function logFormatOf(invocation: Invocation): LogFormat | undefined | { readonly unknown: string } {
  const typed = textOf(invocation, 'log-format') ?? (isSet(invocation, 'json') ? 'json' : undefined)
  if (typed === undefined) return undefined
  return LOG_FORMATS.find((format) => format === typed) ?? { unknown: typed }
}

export const command: Command = {
  name: 'run',
  summary: 'Run the daemon in the foreground until it is told to stop',
  description: [
    'This is what the service pgwatchd.service starts. It watches every configured cluster, recovers it, and tells people what it did.',
    'SIGTERM and SIGINT stop it (a step under way is finished or safely suspended); SIGHUP makes it read its configuration again.',
    'With --before-start, the data directory of each cluster of service_manager pg_ctl whose server does not run is checked (volume, owner and permissions, PG_VERSION, pg_control, configuration), and its server is started before the watch begins, with 3 tries 5 s apart; crash recovery is waited for as long as it moves. Where that fails, the reason, what can be done and the last 20 lines of the log are written, and the command ends. No cluster is ever created, and a server that runs is left alone.',
  ],
  options: {
    'log-format': {
      type: 'string',
      value: 'FORMAT',
      description: 'write the log as json, journal, pretty, or auto (journal under systemd, otherwise pretty)',
      completion: LOG_FORMATS,
    },
    'before-start': {
      type: 'boolean',
      description: 'first check and start each server of service_manager pg_ctl that does not run; end where one cannot be started',
    },
  },
  examples: [
    { line: 'pgwatchd run --config ./pgwatch.yaml --log-format pretty', explanation: 'try a configuration from a terminal' },
    {
      line: 'pgwatchd run --before-start --log-format json',
      explanation: 'start the server and watch over it, as the entrypoint of a container',
    },
  ],
  exitCodes: {
    [EXIT.failed]: 'the daemon could not start or go on, or --before-start could not start a server',
    [EXIT.configuration]: 'the configuration cannot be used, or with --before-start that of a server',
  },
  async run(invocation, io) {
    const logFormat = logFormatOf(invocation)
    if (typeof logFormat === 'object') {
      const message = `unknown log format ${logFormat.unknown}: expected one of ${LOG_FORMATS.join(', ')}`
      return printFailure(io, invocation, { code: 'usage', message, hint: '' }, EXIT.usage)
    }
    const { runDaemon } = await import('../../daemon/run.ts')
    const configFile = textOf(invocation, 'config') ?? DEFAULT_CONFIG_FILE
    const options = { configFile, environment: { ...io.environment }, beforeStart: isSet(invocation, 'before-start') }
    return await runDaemon(logFormat === undefined ? options : { ...options, logFormat })
  },
}
