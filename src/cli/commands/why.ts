import type { DecisionRecord, Explanation } from '../../daemon/control-protocol.ts'
import { askOrFail, DAEMON_EXIT_CODES } from '../ask.ts'
import type { Command, Io } from '../command.ts'
import { isSet, textOf } from '../command.ts'
import { CLUSTER_OPTION } from '../common-options.ts'
import { spellAgo, spellMoment } from '../durations.ts'
import { EXIT } from '../exit-codes.ts'
import { printJson } from '../print.ts'
import { renderAssessment } from '../readings.ts'
import type { Style } from '../style.ts'
import { styleFor } from '../style.ts'
import { renderTable } from '../table.ts'

function decisionLines(decided: DecisionRecord, style: Style, nowMs: number): string {
  const { wallMs, was, mode, why, effects, assessment, incidentId } = decided
  const moved = was === mode ? `stays ${mode}` : `${was} → ${mode}`
  return [
    `  ${style.bold(why)} (${moved}), ${spellMoment(wallMs)}, ${spellAgo(wallMs, nowMs)}\n`,
    effects.length === 0 ? '' : `  ${style.dim('so')} ${effects.join(', ')}\n`,
    incidentId === null ? '' : `  ${style.dim('told in')} pgwatchd incidents ${incidentId}\n`,
    assessment === null ? '' : `\n${renderAssessment(assessment, style)}`,
  ].join('')
}

function earlierLines({ lastIncident }: Explanation, style: Style): string {
  const nothing = '  nothing was decided since pgwatchd started\n'
  if (lastIncident === null) return `${nothing}  and no incident is known\n`
  const { id, cause, verdict, evidence, ruledOut, outcome } = lastIncident
  return [
    nothing,
    `  the last incident: ${id}, ${outcome === '' ? 'still open' : outcome}\n\n`,
    renderAssessment({ ...NO_ASSESSMENT, cause, verdict, evidence, ruledOut }, style),
  ].join('')
}

const NO_ASSESSMENT = { response: 'none', plan: undefined, strength: 'proven', warnings: [], attemptsAtMost: undefined } as const

function remedyLines(io: Io, { cause, remedies, restartHelps }: Explanation, style: Style): string {
  if (cause === null) return ''
  const rows = remedies.map(({ name, cost, purpose }) => [name, cost, purpose])
  const last = restartHelps ? [['recovery pipeline', 'service', 'ensure that the server serves, step by step']] : []
  const all = [...rows, ...last]
  if (all.length === 0) return `\n  For ${cause} there is no remedy: a person has to help\n`
  return `\n  ${style.bold(`What there is for ${cause}`)}, least invasive first\n${renderTable(io.stdout, [], all, '    ')}`
}

function printExplanation(io: Io, explanation: Explanation): void {
  const style = styleFor(io, io.stdout)
  const { name, mode, modeSinceWallMs, decided } = explanation
  io.stdout.write(`${style.bold(name)}  ${mode} since ${spellMoment(modeSinceWallMs)}\n`)
  io.stdout.write(decided === null ? earlierLines(explanation, style) : decisionLines(decided, style, io.now()))
  io.stdout.write(remedyLines(io, explanation, style))
}

export const command: Command = {
  name: 'why',
  summary: 'Tell the last decision, its evidence, and what was ruled out',
  description: [
    'For each cluster: the last decision that changed something, what it was made of, what it led to, and the remedies that there are for the cause.',
    'Where nothing was decided since the daemon started, the newest incident tells.',
  ],
  options: { cluster: CLUSTER_OPTION },
  examples: [{ line: 'pgwatchd why', explanation: 'why does it act, or not act?' }],
  exitCodes: DAEMON_EXIT_CODES,
  async run(invocation, io) {
    const cluster = textOf(invocation, 'cluster')
    const found: Explanation[] = []
    const asked = await askOrFail(invocation, io, { command: 'why', ...(cluster === undefined ? {} : { cluster }) }, (answer) => {
      if (answer.type === 'why') found.push(...answer.clusters)
    })
    if (!asked.ok) return asked.exitCode
    if (isSet(invocation, 'json')) printJson(io, found)
    else for (const explanation of found) printExplanation(io, explanation)
    return EXIT.ok
  },
}
