import { askOrFail, DAEMON_EXIT_CODES } from '../ask.ts'
import type { Command, Invocation } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { EXIT } from '../exit-codes.ts'
import { printFailure, printJson } from '../print.ts'

/** The duration behind `--for` in milliseconds; a text when it is none. */
async function durationOf(invocation: Invocation): Promise<{ readonly ms?: number } | string> {
  const typed = textOf(invocation, 'for')
  if (typed === undefined) return {}
  const { parseDuration } = await import('../../config/units.ts')
  const parsed = parseDuration(typed)
  if (parsed.ok && parsed.value > 0) return { ms: parsed.value }
  return `--for ${typed}: expected ${parsed.ok ? 'a duration above 0' : parsed.expected}`
}

export const command: Command = {
  name: 'pause',
  summary: 'Let pgwatchd look but not act, for maintenance',
  description: [
    'While a cluster is paused it is still looked at, and nothing is done to it. Without --for it lasts until "pgwatchd resume".',
    'The pause is kept on disk: it survives a restart of the daemon and of the host.',
  ],
  options: {
    for: { type: 'string', value: 'DURATION', description: 'resume by itself after this time: 30m, 2h, 1d' },
    cluster: CLUSTER_OPTION,
  },
  examples: [{ line: 'pgwatchd pause --for 30m', explanation: 'half an hour for a planned restart' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const duration = await durationOf(invocation)
    if (typeof duration === 'string') return printFailure(io, invocation, { code: 'usage', message: duration, hint: '' }, EXIT.usage)
    const cluster = textOf(invocation, 'cluster')
    const asked = await askOrFail(
      invocation,
      io,
      {
        command: 'pause',
        by: io.user,
        ...(cluster === undefined ? {} : { cluster }),
        ...(duration.ms === undefined ? {} : { forMs: duration.ms }),
      },
      () => undefined,
    )
    if (!asked.ok) return asked.exitCode
    if (isSet(invocation, 'json')) printJson(io, { ok: true, text: asked.text })
    else io.stdout.write(`${asked.text}\n`)
    return EXIT.ok
  },
}
