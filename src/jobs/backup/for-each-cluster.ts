import type { BackupCare } from './backup-care.ts'
import type { Timing } from '../job.ts'
import type { Outcome } from './backup.ts'

/** What an operation on one cluster's backups came to, in one sentence; empty when that is not worth a line. */
type Operation<T> = (care: BackupCare) => Promise<Outcome<T>>

export interface Wording<T> {
  /** "verified" */
  readonly what: string
  /** Key of the warning that a failure becomes, and its success ends. */
  readonly key: string
  sentence(value: T): string
}

/** Does one thing with the backups of every cluster, one after the other; what fails is told to a person and does not hold up the others. */
export async function forEachCluster<T>(cares: readonly BackupCare[], wording: Wording<T>, operation: Operation<T>): Promise<string> {
  const sentences: string[] = []
  for (const care of cares) sentences.push(await once(care, wording, operation))
  return sentences.filter((sentence) => sentence !== '').join('; ')
}

async function once<T>(care: BackupCare, { what, key, sentence }: Wording<T>, operation: Operation<T>): Promise<string> {
  const objection = care.objection()
  if (objection !== '') return `the backups of ${care.cluster} were not ${what}: ${objection}`
  const outcome = await operation(care)
  if (outcome.ok) {
    await care.tell(key, undefined)
    const said = sentence(outcome.value)
    return said === '' ? '' : `${care.cluster}: ${said}`
  }
  if (outcome.code === 'busy' || outcome.code === 'nothing' || outcome.code === 'aborted') return `${care.cluster}: ${outcome.why}`
  await care.tell(key, `${outcome.why}${outcome.hint === '' ? '' : `; ${outcome.hint}`}`)
  return `${care.cluster}: ${outcome.why}`
}

/** The timing of a job by one of the backup schedules. */
export function byCalendar(
  { kind, timeZone, jitterMs }: { readonly kind: string; readonly timeZone: string; readonly jitterMs: number },
  schedule: string,
): Timing {
  if (kind === 'none' || schedule === '') return { kind: 'off' }
  return { kind: 'calendar', schedule, timeZone, jitterMs }
}
