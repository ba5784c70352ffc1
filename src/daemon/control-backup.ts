import type { Outcome, Progress, StoredBackup } from '../jobs/backup/backup.ts'
import { createBackup } from '../jobs/backup/create-backup.ts'
import { drillBackup } from '../jobs/backup/drill-backup.ts'
import { PROVIDERS } from '../jobs/backup/providers/index.ts'
import { dropOldPlaces, findOldPlaces } from '../jobs/backup/old-places.ts'
import { pruneBackups } from '../jobs/backup/prune-backups.ts'
import { refuse } from '../jobs/backup/refuse.ts'
import { findBackup, listBackups } from '../jobs/backup/store.ts'
import { verifyBackup } from '../jobs/backup/verify-backup.ts'
import { type BackupDesk, groundFor } from './backup-desk.ts'
import { providerFor } from './backup-office.ts'
import { done, refusal } from './control-answers.ts'
import type { BackupReport, BackupSummary, ControlAnswer, ControlRequest } from './control-protocol.ts'
import { select } from './control-select.ts'
import { withProgress } from './progress-answers.ts'
import { restoreBackup } from './restore.ts'
import type { Watch } from './watch.ts'

type BackupRequest = Extract<ControlRequest, { command: `backup-${string}` }>
type RequestOf<Name extends BackupRequest['command']> = Extract<BackupRequest, { readonly command: Name }>
type Report = (progress: Progress) => void

/** Answers what is asked about backups. */
export async function* answerBackup(
  watches: readonly Watch[],
  desk: BackupDesk,
  request: BackupRequest,
  signal: AbortSignal,
): AsyncIterable<ControlAnswer> {
  const selection = select(watches, request.cluster, request.command === 'backup-list' ? 'all' : 'one')
  if (!selection.ok) {
    yield selection.answer
    return
  }
  if (request.command === 'backup-list') {
    yield { type: 'backups', clusters: await Promise.all(selection.watches.map((watch) => reportOn(watch, desk))) }
    yield done('')
    return
  }
  const [watch] = selection.watches
  if (watch !== undefined) yield* answerFor(watch, desk, request, signal)
}

async function* answerFor(
  watch: Watch,
  desk: BackupDesk,
  request: Exclude<BackupRequest, RequestOf<'backup-list'>>,
  signal: AbortSignal,
): AsyncIterable<ControlAnswer> {
  const worked: { outcome: Outcome<Answers> } = { outcome: refuse('failed', 'it ended without a word') }
  yield* withProgress(async (report) => {
    worked.outcome = await perform(watch, desk, request, report, signal)
  })
  const { outcome } = worked
  if (!outcome.ok) {
    yield refusal(outcome.code, outcome.why, outcome.hint)
    return
  }
  yield outcome.value.answer
  yield done(outcome.value.text)
}

/** What is told at the end: a result for programs, a sentence for people. */
interface Answers {
  readonly answer: ControlAnswer
  readonly text: string
}

async function perform(
  watch: Watch,
  desk: BackupDesk,
  request: Exclude<BackupRequest, RequestOf<'backup-list'>>,
  report: Report,
  signal: AbortSignal,
): Promise<Outcome<Answers>> {
  switch (request.command) {
    case 'backup-show':
      return told(await findBackup(groundFor(watch, report), request.id), (backup) => ({ answer: { type: 'backup', backup }, text: '' }))
    case 'backup-create':
      return create(watch, desk, report, signal)
    case 'backup-verify':
    case 'backup-drill':
      return prove(watch, desk, request, report, signal)
    case 'backup-restore':
      return restore(watch, desk, request, report)
    case 'backup-drop-old':
      return dropOld(watch, desk, request.planOnly, signal)
    case 'backup-prune':
      return prune(watch, desk, request.planOnly, signal)
  }
}

async function create(watch: Watch, desk: BackupDesk, report: Report, signal: AbortSignal): Promise<Outcome<Answers>> {
  const provider = providerFor(watch)
  if (provider === undefined)
    return refuse('refused', `no backups are configured for ${watch.cluster.name}`, 'set backup.kind in /etc/pgwatch.yaml and reload')
  const work = { what: 'creating a backup', signal, report }
  const made = await desk.run(watch, work, (ground, inner) => createBackup(ground, provider, inner))
  return told(made, (backup) => ({ answer: { type: 'backup', backup }, text: `backup ${backup.manifest.id} is complete` }))
}

const PROOFS = {
  'backup-verify': { work: verifyBackup, what: 'verifying a backup' },
  'backup-drill': { work: drillBackup, what: 'restoring a backup for proof' },
} as const

async function prove(
  watch: Watch,
  desk: BackupDesk,
  { command, id }: RequestOf<'backup-verify'> | RequestOf<'backup-drill'>,
  report: Report,
  signal: AbortSignal,
): Promise<Outcome<Answers>> {
  const { work, what } = PROOFS[command]
  return desk.run(watch, { what, signal, report }, async (ground, inner) => {
    const found = await findBackup(ground, id)
    if (!found.ok) return found
    const provider = PROVIDERS[found.value.manifest.kind]
    if (provider === undefined) return refuse('refused', `backups of kind ${found.value.manifest.kind} cannot be read by this version`)
    const proved = await work(ground, provider, found.value, inner)
    const backup = found.value.manifest.id
    return told(proved, (proof) => ({ answer: { type: 'backup-proof', backup, proof }, text: `${backup}: ${proof.detail}` }))
  })
}

async function restore(
  watch: Watch,
  desk: BackupDesk,
  { id, database }: RequestOf<'backup-restore'>,
  report: Report,
): Promise<Outcome<Answers>> {
  const restored = await restoreBackup(watch, desk, { id, database: database ?? null }, report)
  const cluster = watch.cluster.name
  return told(restored, (all) => ({ answer: { type: 'restored', cluster, done: all }, text: `${cluster}: ${all.join('; ')}` }))
}

function dropOld(watch: Watch, desk: BackupDesk, planOnly: boolean, signal: AbortSignal): Promise<Outcome<Answers>> {
  return desk.run(watch, { what: 'dropping what restores have put aside', signal }, async (ground, inner) => {
    const places = await findOldPlaces(ground, inner)
    const answer: ControlAnswer = { type: 'old', cluster: watch.cluster.name, places }
    if (planOnly) return { ok: true, value: { answer, text: 'nothing was dropped yet' } }
    return told(await dropOldPlaces(ground, places, inner), (dropped) => ({ answer, text: `${dropped.length} dropped` }))
  })
}

function prune(watch: Watch, desk: BackupDesk, planOnly: boolean, signal: AbortSignal): Promise<Outcome<Answers>> {
  return desk.run(watch, { what: 'pruning backups', signal }, async (ground, inner) => {
    const pruned = await pruneBackups(ground, planOnly, inner)
    const text = planOnly ? 'nothing was removed yet' : `${pruned.removed.length} backups removed`
    return { ok: true, value: { answer: { type: 'pruned', cluster: watch.cluster.name, pruned }, text } }
  })
}

function told<T>(outcome: Outcome<T>, answers: (value: T) => Answers): Outcome<Answers> {
  return outcome.ok ? { ok: true, value: answers(outcome.value) } : outcome
}

async function reportOn(watch: Watch, desk: BackupDesk): Promise<BackupReport> {
  const ground = groundFor(watch, () => undefined)
  const { backups, unusable } = await listBackups(ground)
  return {
    cluster: watch.cluster.name,
    kind: ground.settings.kind,
    directory: ground.directory,
    backups: backups.map(summarize),
    unusable,
    running: desk.running(watch)?.what ?? '',
  }
}

function summarize({ manifest: { files: _files, contents: _contents, ...manifest }, standing, directory }: StoredBackup): BackupSummary {
  return { manifest, standing, directory }
}
