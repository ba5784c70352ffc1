import type { Incident } from '../core/incident.ts'
import type { UndoGround } from '../recovery/changes/change.ts'
import { runUndo } from '../recovery/changes/run-undo.ts'
import { done, refusal } from './control-answers.ts'
import type { ControlAnswer, ControlRequest } from './control-protocol.ts'
import { note } from './incidents.ts'
import type { Watch } from './watch.ts'

type UndoRequest = Extract<ControlRequest, { command: 'undo' }>

/**
 * Takes back what an incident changed. The cluster is paused first where anything is going to be undone: pgwatchd would
 * otherwise mend it again.
 */
export async function* undo(watches: readonly Watch[], request: UndoRequest, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const found = await findIncident(watches, request.incident)
  if ('answer' in found) {
    yield found.answer
    return
  }
  const { watch, incident } = found
  const ground = groundOf(watch, incident)
  const planned = await runUndo(ground, { planOnly: true }, signal)
  const isNeeded = planned.some((line) => line.outcome === 'would-undo')
  if (request.planOnly || !isNeeded) {
    yield { type: 'undo', cluster: watch.cluster.name, incident: incident.id, lines: planned }
    yield done(isNeeded || planned.length === 0 ? summaryOf(planned.length, 0, true) : 'nothing can be taken back')
    return
  }
  const objection = await pauseFor(watch, request.by)
  if (objection !== undefined) {
    yield objection
    return
  }
  const lines = await runUndo(ground, { planOnly: false }, signal)
  const undone = lines.filter((line) => line.outcome === 'undone')
  if (watch.incident?.id === incident.id) for (const line of undone) await note(watch, `undone by ${request.by}: ${line.detail}`)
  yield { type: 'undo', cluster: watch.cluster.name, incident: incident.id, lines }
  yield done(`${summaryOf(lines.length, undone.length, false)}; ${watch.cluster.name} is paused until pgwatchd resume`)
}

function summaryOf(all: number, undone: number, planOnly: boolean): string {
  if (all === 0) return 'the incident changed nothing that is left to take back'
  return planOnly ? 'nothing was changed yet' : `${undone} of ${all} changes taken back`
}

function groundOf(watch: Watch, incident: Incident): UndoGround {
  const { cluster, outside, incidents } = watch
  return {
    cluster,
    outside,
    incidentDirectory: incidents.directoryOf(incident.id),
    nothingRuns: () => outside.processes.postgresIn(cluster.dataDirectory).length === 0,
  }
}

/** Why it may not be undone now; the pause is on disk when it may. */
async function pauseFor(watch: Watch, by: string): Promise<ControlAnswer | undefined> {
  const { name } = watch.cluster
  if (watch.recovery !== undefined)
    return refusal('busy', `${name}: a recovery is under way (${watch.step})`, 'try again when it has ended')
  if (watch.state.mode === 'paused') return undefined
  const { state } = await watch.apply({ type: 'operator-paused', forMs: null, by })
  if (watch.stateSaved && state.mode === 'paused') return undefined
  return refusal('failed', `${name} could not be paused, so nothing was undone`, 'see journalctl -u pgwatchd -p err')
}

type FoundIncident = { readonly watch: Watch; readonly incident: Incident } | { readonly answer: ControlAnswer }

/** By its id, the beginning of one, or `last`. */
async function findIncident(watches: readonly Watch[], wanted: string): Promise<FoundIncident> {
  const incidents = (await watches[0]?.incidents.list()) ?? []
  const matches = wanted === 'last' ? incidents.slice(0, 1) : incidents.filter(({ id }) => id.startsWith(wanted))
  const incident = matches.find(({ id }) => id === wanted) ?? (matches.length === 1 ? matches[0] : undefined)
  if (incident === undefined) {
    const text = matches.length > 1 ? `${matches.length} incidents begin with ${wanted}` : `there is no incident ${wanted}`
    return { answer: refusal('unknown-incident', text, 'pgwatchd incidents lists them') }
  }
  const watch = watches.find(({ cluster }) => cluster.name === incident.cluster)
  if (watch === undefined)
    return { answer: refusal('unknown-cluster', `${incident.cluster} of that incident is not watched any more`, 'configure it and reload') }
  return { watch, incident }
}
