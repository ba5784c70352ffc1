import type { ClusterReport, StatusReport } from '../../daemon/control-protocol.ts'
import { askOrFail, DAEMON_EXIT_CODES } from '../ask.ts'
import type { Command, Io } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { spellAgo, spellDuration, spellMoment } from '../durations.ts'
import { EXIT } from '../exit-codes.ts'
import { printFailure, printJson } from '../print.ts'
import { renderAssessment, renderReadings } from '../readings.ts'
import type { Style } from '../style.ts'
import { styleFor } from '../style.ts'
import { renderTable } from '../table.ts'

function modeCell(cluster: ClusterReport, style: Style) {
  const paints: Readonly<Record<string, (text: string) => string>> = { healthy: style.good, recovering: style.bad, exhausted: style.bad }
  return { text: cluster.mode, paint: paints[cluster.mode] ?? style.warning }
}

/** What is known of one cluster, as label and text; unknown facts are left out. */
function factsOf(cluster: ClusterReport, nowMs: number): readonly (readonly [string, string])[] {
  const { healthySinceWallMs: healthySince, pausedUntilWallMs: pausedUntil, cooldownUntilWallMs: cooldownUntil } = cluster
  const facts: (readonly [string, string | undefined])[] = [
    ['server', `port ${cluster.port}, ${cluster.dataDirectory}`],
    ['says', cluster.sentence],
    ['cause', cluster.cause ?? undefined],
    ['step', cluster.step === '' ? undefined : cluster.step],
    ['healthy', healthySince === null ? undefined : `for ${spellDuration(nowMs - healthySince)}`],
    ['last look', spellAgo(cluster.lastTickWallMs, nowMs)],
    ['failures', cluster.failuresInRow === 0 ? undefined : `${cluster.failuresInRow} in a row`],
    ['attempts', cluster.attemptsInWindow === 0 ? undefined : `${cluster.attemptsInWindow} of ${cluster.attemptsAllowed}`],
    ['paused', cluster.mode === 'paused' ? `until ${pausedUntil === null ? '"pgwatchd resume"' : spellMoment(pausedUntil)}` : undefined],
    ['next attempt', cooldownUntil === null ? undefined : `not before ${spellMoment(cooldownUntil)}`],
    ['backup', backupLine(cluster, nowMs)],
    ['incident', cluster.incidentId === null ? undefined : `${cluster.incidentId} (pgwatchd incidents ${cluster.incidentId})`],
  ]
  return facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined)
}

/** "provably restorable as of …": the one sentence that a person wants to read of backups. */
function backupLine({ backups }: ClusterReport, nowMs: number): string | undefined {
  if (backups === null) return undefined
  const { newestWallMs, restorable, trouble } = backups
  const newest = newestWallMs === null ? 'there is no backup yet' : `the newest is ${spellDuration(nowMs - newestWallMs)} old`
  const proof =
    restorable === null
      ? 'none was restored for proof yet'
      : `provably restorable as of ${spellMoment(restorable.asOfWallMs)}, takes ${spellDuration(restorable.tookMs)}`
  return [proof, newest, ...(trouble === '' ? [] : [`but: ${trouble}`])].join('; ')
}

function printCluster(io: Io, style: Style, cluster: ClusterReport): void {
  const { text, paint } = modeCell(cluster, style)
  io.stdout.write(`\n${style.bold(cluster.name)}  ${paint(text)}\n`)
  io.stdout.write(
    renderTable(
      io.stdout,
      [],
      factsOf(cluster, io.now()).map(([label, fact]) => [{ text: label, paint: style.dim }, fact]),
      '  ',
    ),
  )
  if (cluster.mode === 'healthy') return
  if (cluster.readings !== null) io.stdout.write(`\n${renderReadings(io, style, cluster.readings)}`)
  if (cluster.assessment !== null) io.stdout.write(renderAssessment(cluster.assessment, style))
}

function printStatus(io: Io, status: StatusReport): void {
  const style = styleFor(io, io.stdout)
  const { version, pid, startedWallMs, configFile, outbox } = status
  io.stdout.write(`pgwatchd ${version}, pid ${pid}, up for ${spellDuration(io.now() - startedWallMs)}, configured by ${configFile}\n`)
  if (!status.stateSaved)
    io.stdout.write(style.bad('Its state cannot be saved: only harmless actions remain. See journalctl -u pgwatchd -p err\n'))
  if (outbox.waiting > 0) {
    const why = outbox.lastError === '' ? '' : `: ${outbox.lastError}`
    io.stdout.write(style.warning(`${outbox.waiting} mail${outbox.waiting === 1 ? '' : 's'} waiting to be sent${why}\n`))
  }
  for (const cluster of status.clusters) printCluster(io, style, cluster)
}

export const command: Command = {
  name: 'status',
  summary: 'Tell what the running daemon sees and does',
  description: [
    'For each cluster: the mode of its state machine, the last sentence, counters, and, unless it is healthy, every reading with the evidence.',
  ],
  options: { cluster: CLUSTER_OPTION },
  examples: [{ line: 'watch -n 1 pgwatchd status', explanation: 'follow a recovery' }],
  exitCodes: { ...DAEMON_EXIT_CODES, [EXIT.ok]: 'the daemon answered, whatever it said; "pgwatchd probe" is the one that judges' },
  async run(invocation, io) {
    const found: StatusReport[] = []
    const asked = await askOrFail(invocation, io, { command: 'status' }, (answer) => {
      if (answer.type === 'status') found.push(answer.status)
    })
    if (!asked.ok) return asked.exitCode
    const [report] = found
    if (report === undefined) throw new Error('the daemon answered "done" without a status')
    const name = textOf(invocation, 'cluster')
    const clusters = report.clusters.filter((cluster) => name === undefined || cluster.name === name)
    if (name !== undefined && clusters.length === 0) {
      const hint = `there are: ${report.clusters.map((cluster) => cluster.name).join(', ')}`
      return printFailure(io, invocation, { code: 'unknown-cluster', message: `pgwatchd watches no cluster ${name}`, hint }, EXIT.failed)
    }
    if (isSet(invocation, 'json')) printJson(io, { ...report, clusters })
    else printStatus(io, { ...report, clusters })
    return EXIT.ok
  },
}
