import { askOrFail, DAEMON_EXIT_CODES } from '../ask.ts'
import type { Command } from '../command.ts'
import { isSet } from '../command.ts'
import { EXIT } from '../exit-codes.ts'
import { printJson } from '../print.ts'

const DELIVERY_SILENCE_MS = 120_000

export const command: Command = {
  name: 'test-alert',
  summary: 'Send a test mail through the daemon and tell what the mail server said',
  description: [
    'The mail takes the way of every alert: outbox, mail server, recipients of the configuration. Success means that the mail server took it.',
  ],
  options: {},
  examples: [{ line: 'pgwatchd test-alert', explanation: 'after each change of alerts.mail' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const isJson = isSet(invocation, 'json')
    const asked = await askOrFail(
      invocation,
      io,
      { command: 'test-alert' },
      (answer) => {
        if (answer.type === 'progress' && !isJson) io.stdout.write(`${answer.text}\n`)
      },
      DELIVERY_SILENCE_MS,
    )
    if (!asked.ok) return asked.exitCode
    if (isJson) printJson(io, { ok: true, text: asked.text })
    else io.stdout.write(`${asked.text}\n`)
    return EXIT.ok
  },
}
