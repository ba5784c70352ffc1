import type { Config } from '../../config/config.ts'
import { ask, controlSocketOf, unreachedFailure } from '../ask.ts'
import type { Command, Invocation, Io } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { EXIT } from '../exit-codes.ts'
import { configFor } from '../load-config.ts'
import { printFailure, printJson } from '../print.ts'
import type { Look } from '../readings.ts'
import { overallOf, PROBE_EXIT, renderAssessment, renderReadings, worstOf } from '../readings.ts'
import { styleFor } from '../style.ts'

const LOOK_SILENCE_MS = 60_000

type Looked =
  | { readonly ok: true; readonly by: 'daemon' | 'command'; readonly remark: string; readonly looks: readonly Look[] }
  | { readonly ok: false; readonly exitCode: number }

/** Without a daemon that can be asked, the command looks itself. */
async function lookFor(invocation: Invocation, io: Io, config: Config): Promise<Looked> {
  const name = textOf(invocation, 'cluster')
  const cluster = name === undefined ? {} : { cluster: name }
  const looks: Look[] = []
  const asked = await ask(controlSocketOf(config), { command: 'probe', ...cluster }, LOOK_SILENCE_MS, (answer) => {
    if (answer.type === 'probe') looks.push(...answer.clusters)
  })
  if (!asked.reached) return await lookYourself(invocation, io, config, unreachedFailure(asked).message)
  if (asked.done.ok) return { ok: true, by: 'daemon', remark: 'Looked by the running daemon.', looks }
  const { code, text, hint } = asked.done
  return { ok: false, exitCode: printFailure(io, invocation, { code, message: text, hint }, PROBE_EXIT.unknown) }
}

async function lookYourself(invocation: Invocation, io: Io, config: Config, because: string): Promise<Looked> {
  const name = textOf(invocation, 'cluster')
  const { lookOnce } = await import('../../daemon/look-once.ts')
  const looks = await lookOnce({ config, environment: { ...io.environment }, ...(name === undefined ? {} : { cluster: name }) })
  if (looks.length > 0) return { ok: true, by: 'command', remark: `Looked by this command: ${because}.`, looks }
  const message = name === undefined ? 'there is no cluster to look at' : `there is no cluster ${name}`
  const failure = { code: 'unknown-cluster', message, hint: 'pgwatchd check-config lists the clusters' }
  return { ok: false, exitCode: printFailure(io, invocation, failure, PROBE_EXIT.unknown) }
}

function printLooks(io: Io, looks: readonly Look[], remark: string): void {
  const style = styleFor(io, io.stdout)
  const paint = { ok: style.good, warning: style.warning, critical: style.bad, unknown: style.warning }
  for (const look of looks) {
    const word = overallOf(look)
    io.stdout.write(`${style.bold(look.name)}  ${paint[word](word)}\n`)
    io.stdout.write(renderReadings(io, style, look.readings))
    io.stdout.write(`${renderAssessment(look.assessment, style)}\n`)
  }
  io.stdout.write(`${style.dim(remark)}\n`)
}

export const command: Command = {
  name: 'probe',
  summary: 'Look at the clusters once and tell what is seen',
  description: [
    'Every probe looks once, and the readings are judged as the daemon judges them. Nothing is done about what is seen.',
    'A running daemon is asked to look; otherwise the command looks itself, with what its user may see.',
    'The exit codes are those of monitoring plug-ins.',
  ],
  options: { cluster: CLUSTER_OPTION },
  examples: [{ line: 'pgwatchd probe --json', explanation: 'for a monitoring system' }],
  exitCodes: {
    [PROBE_EXIT.ok]: 'ok',
    [PROBE_EXIT.warning]: 'warning',
    [PROBE_EXIT.critical]: 'critical',
    [PROBE_EXIT.unknown]: 'unknown: nothing could be told',
  },
  async run(invocation, io) {
    const configured = await configFor(invocation, io, PROBE_EXIT.unknown)
    if (!configured.ok) return configured.exitCode
    const looked = await lookFor(invocation, io, configured.config)
    if (!looked.ok) return looked.exitCode
    const overall = worstOf(looked.looks.map(overallOf))
    if (isSet(invocation, 'json')) {
      const clusters = looked.looks.map((look) => ({ ...look, overall: overallOf(look) }))
      printJson(io, { overall, lookedBy: looked.by, clusters })
    } else {
      printLooks(io, looked.looks, looked.remark)
    }
    return overall === 'ok' ? EXIT.ok : PROBE_EXIT[overall]
  },
}
