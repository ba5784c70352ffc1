import type { Assessment } from '../core/cause.ts'
import type { Manifest } from '../core/backup/manifest.ts'
import type { Outcome, Progress, StoredBackup } from '../jobs/backup/backup.ts'
import { refuse } from '../jobs/backup/refuse.ts'
import { findBackup } from '../jobs/backup/store.ts'
import type { BackupDesk } from './backup-desk.ts'
import { findForeignOwner } from './foreign-owner.ts'
import { look } from './tick.ts'
import type { Watch } from './watch.ts'

const SYSTEM_IDENTIFIER_BYTES = 8
const FORBIDDING = ['not-ours', 'read-only']

export interface RestoreRequest {
  /** Its id, the beginning of one, or `last`. */
  readonly id: string
  readonly database: string | null
}

/**
 * Restores a backup through the recovery's engine, so that it is journalled, undone when it fails, and gone on with after a
 * crash. The operator has confirmed it. Returns what was done.
 */
export function restoreBackup(
  watch: Watch,
  desk: BackupDesk,
  { id, database }: RestoreRequest,
  report: (progress: Progress) => void,
): Promise<Outcome<readonly string[]>> {
  return desk.run(watch, { what: 'restoring a backup', signal: watch.abort, report }, async (ground) => {
    const found = await findBackup(ground, id)
    if (!found.ok) return found
    const objection = (await objectionTo(watch)) ?? (await foreignness(watch, found.value))
    if (objection !== undefined) return objection
    const { manifest } = found.value
    watch.lastOutcome = undefined
    await watch.apply({ type: 'recovery-requested', assessment: assessmentFor(manifest, database) })
    await follow(watch, report)
    const result = watch.lastOutcome as Watch['lastOutcome']
    if (result?.status === 'succeeded') return { ok: true, value: result.done }
    return refuse('failed', result?.why ?? 'the restore did not begin', 'see pgwatchd incidents last')
  })
}

function assessmentFor({ id, startedWallMs }: Manifest, database: string | null): Assessment {
  const what = database === null ? 'the whole cluster' : `database ${database}`
  return {
    cause: 'restore-requested',
    response: 'recover',
    plan: database === null ? 'restore-cluster' : 'restore-database',
    restore: { backup: id, database },
    strength: 'proven',
    verdict: `an operator asked for ${what} to be restored from ${id}`,
    evidence: [`the backup is of ${new Date(startedWallMs).toISOString()}; what was committed since is not in it`],
    ruledOut: [],
    warnings: [],
    attemptsAtMost: undefined,
  }
}

async function objectionTo(watch: Watch) {
  const { name } = watch.cluster
  if (watch.recovery !== undefined) return refuse('busy', `${name}: a recovery is under way (${watch.step})`, 'try again when it has ended')
  if (watch.state.mode === 'paused') return refuse('refused', `${name} is paused`, 'run pgwatchd resume first')
  const owner = await findForeignOwner(watch, watch.abort)
  if (owner !== undefined) return refuse('refused', `${name}: ${owner}`, 'restore it through its own manager')
  const { cause, verdict } = (await look(watch)).assessment
  return cause !== undefined && FORBIDDING.includes(cause)
    ? refuse('refused', `${name}: ${verdict}`, 'restore it through its own manager')
    : undefined
}

/** A copy of another cluster's files in the place of this one would be taken for it by everybody. */
async function foreignness({ cluster, outside }: Watch, { manifest }: StoredBackup) {
  if (manifest.cluster !== cluster.name) return refuse('foreign', `${manifest.id} is a backup of the cluster ${manifest.cluster}`)
  if (manifest.kind === 'logical') return undefined
  const control = await outside.files.read(`${cluster.dataDirectory}/global/pg_control`, { maxBytes: SYSTEM_IDENTIFIER_BYTES })
  const own = control?.length === SYSTEM_IDENTIFIER_BYTES ? String(Buffer.from(control).readBigUInt64LE()) : manifest.systemIdentifier
  if (own === manifest.systemIdentifier) return undefined
  const why = `${manifest.id} is of a cluster with system identifier ${manifest.systemIdentifier}, and this one is ${own}`
  return refuse('foreign', why, 'where that is meant, move the data directory aside first')
}

/** Until its end, whoever asked for it: the backups must not be worked on meanwhile. */
async function follow(watch: Watch, report: (progress: Progress) => void): Promise<void> {
  let told = ''
  while (watch.recovery !== undefined) {
    if (watch.sentence !== told) report({ text: (told = watch.sentence), doneBytes: 0, totalBytes: undefined })
    await Promise.race([watch.recovery, watch.outside.clock.sleep(200)])
  }
}
