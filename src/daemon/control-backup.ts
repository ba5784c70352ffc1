import type { Outcome, Progress, StoredBackup } from '../jobs/backup/backup.ts'
import { createBackup } from '../jobs/backup/create-backup.ts'
import { PROVIDERS } from '../jobs/backup/providers/index.ts'
import { findBackup, listBackups } from '../jobs/backup/store.ts'
import { type BackupDesk, groundFor } from './backup-desk.ts'
import { done, refusal } from './control-answers.ts'
import type { BackupReport, BackupSummary, ControlAnswer, ControlRequest } from './control-protocol.ts'
import { select } from './control-select.ts'
import { withProgress } from './progress-answers.ts'
import type { Watch } from './watch.ts'

type BackupRequest = Extract<ControlRequest, { command: `backup-${string}` }>

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
  if (watch === undefined) return
  if (request.command === 'backup-show') yield* show(watch, request.id)
  else yield* create(watch, desk, signal)
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

async function* show(watch: Watch, wanted: string): AsyncIterable<ControlAnswer> {
  const found = await findBackup(
    groundFor(watch, () => undefined),
    wanted,
  )
  if (!found.ok) {
    yield refusal(found.code, found.why, found.hint)
    return
  }
  yield { type: 'backup', backup: found.value }
  yield done('')
}

async function* create(watch: Watch, desk: BackupDesk, signal: AbortSignal): AsyncIterable<ControlAnswer> {
  const { kind } = watch.settings.backup
  const provider = kind === 'none' ? undefined : PROVIDERS[kind]
  if (provider === undefined) {
    yield refusal('refused', `no backups are configured for ${watch.cluster.name}`, 'set backup.kind in /etc/pgwatch.yaml and reload')
    return
  }
  const made: { outcome?: Outcome<StoredBackup> } = {}
  yield* withProgress(async (report: (progress: Progress) => void) => {
    made.outcome = await desk.run(watch, { what: 'creating a backup', signal, report }, (ground, inner) =>
      createBackup(ground, provider, inner),
    )
  })
  if (made.outcome?.ok !== true) {
    const { code, why, hint } = made.outcome ?? { code: 'failed', why: 'it ended without a word', hint: '' }
    yield refusal(code, `no backup was made: ${why}`, hint)
    return
  }
  yield { type: 'backup', backup: made.outcome.value }
  yield done(`backup ${made.outcome.value.manifest.id} is complete`)
}
