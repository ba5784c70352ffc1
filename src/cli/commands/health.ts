import type { HealthReport, HealthWord } from '../../core/health.ts'
import { worstHealth } from '../../core/health.ts'
import type { Config } from '../../config/config.ts'
import { ask, controlSocketOf } from '../ask.ts'
import type { Command, Invocation, Io } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { configFor } from '../load-config.ts'
import { printFailure, printJson } from '../print.ts'
import { PROBE_EXIT } from '../readings.ts'
import { styleFor } from '../style.ts'
import { renderTable } from '../table.ts'

const LOOK_SILENCE_MS = 60_000

type Found = { readonly ok: true; readonly reports: readonly HealthReport[] } | { readonly ok: false; readonly exitCode: number }

/** Without a daemon that can be asked, the command looks itself. */
async function reportsFor(invocation: Invocation, io: Io, config: Config): Promise<Found> {
  const name = textOf(invocation, 'cluster')
  const cluster = name === undefined ? {} : { cluster: name }
  const reports: HealthReport[] = []
  const asked = await ask(controlSocketOf(config), { command: 'health', ...cluster }, LOOK_SILENCE_MS, (answer) => {
    if (answer.type === 'health') reports.push(...answer.clusters)
  })
  if (!asked.reached) {
    const { lookAtHealth } = await import('../../daemon/look-once.ts')
    reports.push(...(await lookAtHealth({ config, environment: { ...io.environment }, ...cluster })))
  } else if (!asked.done.ok) {
    const { code, text, hint } = asked.done
    return { ok: false, exitCode: printFailure(io, invocation, { code, message: text, hint }, PROBE_EXIT.unknown) }
  }
  if (reports.length > 0) return { ok: true, reports }
  const message = name === undefined ? 'there is no cluster to look at' : `there is no cluster ${name}`
  const failure = { code: 'unknown-cluster', message, hint: 'pgwatchd check-config lists the clusters' }
  return { ok: false, exitCode: printFailure(io, invocation, failure, PROBE_EXIT.unknown) }
}

function printReport(io: Io, { cluster, items }: HealthReport): void {
  const style = styleFor(io, io.stdout)
  const paint: Readonly<Record<HealthWord, (text: string) => string>> = {
    ok: style.good,
    warning: style.warning,
    critical: style.bad,
    unknown: style.warning,
  }
  const overall = worstHealth(items)
  io.stdout.write(`${style.bold(cluster)}  ${paint[overall](overall)}\n`)
  const rows = items.map(({ item, word, detail }) => [item, { text: word, paint: paint[word] }, detail])
  io.stdout.write(renderTable(io.stdout, [], rows, '  '))
}

export const command: Command = {
  name: 'health',
  summary: 'Report server, data directory, disks, long queries and backups in one table',
  description: [
    'It looks once and changes nothing. A running daemon is asked to look; otherwise the command looks itself, with what its user may see.',
    'The exit codes are those of monitoring plug-ins.',
  ],
  options: { cluster: CLUSTER_OPTION },
  examples: [{ line: 'pgwatchd health', explanation: 'is everything in order?' }],
  exitCodes: {
    [PROBE_EXIT.ok]: 'ok',
    [PROBE_EXIT.warning]: 'warning',
    [PROBE_EXIT.critical]: 'critical',
    [PROBE_EXIT.unknown]: 'unknown: something could not be told',
  },
  async run(invocation, io) {
    const configured = await configFor(invocation, io, PROBE_EXIT.unknown)
    if (!configured.ok) return configured.exitCode
    const found = await reportsFor(invocation, io, configured.config)
    if (!found.ok) return found.exitCode
    const overall = worstHealth(found.reports.flatMap(({ items }) => items))
    if (isSet(invocation, 'json')) {
      printJson(io, { overall, clusters: found.reports.map((report) => ({ ...report, overall: worstHealth(report.items) })) })
    } else for (const report of found.reports) printReport(io, report)
    return PROBE_EXIT[overall]
  },
}
