import type { BackupDesk } from './backup-desk.ts'
import type { ClusterReport, ControlAnswer, ControlRequest, StatusReport } from './control-protocol.ts'
import { act } from './control-acts.ts'
import { answerBackup } from './control-backup.ts'
import { done, refusal } from './control-answers.ts'
import { select, type Selection } from './control-select.ts'
import { restart } from './control-restart.ts'
import { undo } from './control-undo.ts'
import type { HealthReport } from '../core/health.ts'
import { explain } from './explain.ts'
import { examineHealth } from './health.ts'
import { reportOf } from './report.ts'
import { look, type Seen } from './tick.ts'
import type { Watch } from './watch.ts'

/** What the control socket may ask of the daemon. */
export interface Daemon {
  readonly backups: BackupDesk
  readonly watches: () => readonly Watch[]
  readonly statusBase: () => Omit<StatusReport, 'clusters' | 'stateSaved'>
  /** Applies the configuration file; the answer is one sentence. */
  readonly reload: () => Promise<{ readonly ok: boolean; readonly text: string }>
  /** Sends a test alert through the same way as any other and waits for its delivery. */
  readonly testAlert: (signal: AbortSignal) => Promise<{ readonly ok: boolean; readonly text: string; readonly hint: string }>
}

/** Answers one request. */
export async function* answer(daemon: Daemon, request: ControlRequest, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  switch (request.command) {
    case 'status':
      yield { type: 'status', status: await statusOf(daemon) }
      yield done('')
      return
    case 'test-alert':
      yield outcome(await daemon.testAlert(signal))
      return
    case 'reload':
      yield outcome({ ...(await daemon.reload()), hint: 'run pgwatchd check-config' })
      return
    case 'probe':
      yield* probe(select(daemon.watches(), request.cluster, 'all'))
      return
    case 'health':
      yield* health(select(daemon.watches(), request.cluster, 'all'), signal)
      return
    case 'why':
      yield* why(select(daemon.watches(), request.cluster, 'all'))
      return
    case 'restart':
      yield* restart(select(daemon.watches(), request.cluster, 'one'), daemon.backups, request.planOnly, signal)
      return
    case 'undo':
      yield* undo(daemon.watches(), request, signal)
      return
    case 'backup-create':
    case 'backup-list':
    case 'backup-show':
    case 'backup-verify':
    case 'backup-drill':
    case 'backup-prune':
    case 'backup-restore':
    case 'backup-drop-old':
      yield* answerBackup(daemon.watches(), daemon.backups, request, signal)
      return
    default:
      yield* act(daemon.watches(), request, signal)
  }
}

export async function statusOf(daemon: Daemon): Promise<StatusReport> {
  const watches = daemon.watches()
  const clusters: readonly ClusterReport[] = await Promise.all(watches.map(reportOf))
  return { ...daemon.statusBase(), clusters, stateSaved: watches.every((watch) => watch.stateSaved) }
}

async function* probe(selection: Selection): AsyncIterable<ControlAnswer> {
  if (!selection.ok) {
    yield selection.answer
    return
  }
  const clusters: (Seen & { readonly name: string })[] = []
  for (const watch of selection.watches) {
    clusters.push({ name: watch.cluster.name, ...(await look(watch)) })
  }
  yield { type: 'probe', clusters }
  yield done('')
}

async function* health(selection: Selection, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  if (!selection.ok) {
    yield selection.answer
    return
  }
  const clusters: HealthReport[] = []
  for (const watch of selection.watches) {
    const { cluster, outside, settings } = watch
    clusters.push(await examineHealth({ cluster, outside, backup: settings.backup, looked: await look(watch) }, signal))
  }
  yield { type: 'health', clusters }
  yield done('')
}

async function* why(selection: Selection): AsyncIterable<ControlAnswer> {
  if (!selection.ok) {
    yield selection.answer
    return
  }
  yield { type: 'why', clusters: await Promise.all(selection.watches.map(explain)) }
  yield done('')
}

function outcome(result: { readonly ok: boolean; readonly text: string; readonly hint: string }): ControlAnswer {
  return result.ok ? done(result.text) : refusal('failed', result.text, result.hint)
}
