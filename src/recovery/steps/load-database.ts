import { besideDatabase, restoreOf } from '../server/restore-order.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Loads one database of a backup into a new one beside it, while everybody goes on working. */
export const loadDatabase: Step = {
  name: 'load-database',
  purpose: 'ensure that a proved copy of the database lies beside it under another name',
  changes: 'creates a database and loads the backup into it; nobody else uses it',
  precondition: async (context): Promise<Check> =>
    context.recall('load-database')?.['loaded'] === true
      ? { go: 'skip', because: 'it was loaded earlier in this attempt' }
      : { go: 'run', because: 'the database is loaded and proved before anybody is kept out' },
  run,
  undo,
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const { order, vault } = restoreOf(context)
  const database = order.database ?? ''
  const into = besideDatabase(database, 'restoring', context)
  await context.note({ into, loaded: false })
  const cleared = await vault.dropDatabase(into, signal)
  if (!cleared.ok) return failed(cleared)
  context.report(`loading ${database} of ${order.backup} into ${into}`)
  const loaded = await vault.loadDatabase({ backup: order.backup, database, into }, signal)
  if (!loaded.ok) return failed(loaded)
  await context.note({ into, loaded: true })
  return { ok: true, did: [`loaded ${database} of ${order.backup} beside the old one: ${loaded.value.detail}`] }
}

function failed({ why, hint }: { readonly why: string; readonly hint: string }): StepResult {
  return { ok: false, why: `${why}${hint === '' ? '' : `; ${hint}`}`, held: false, did: [] }
}

async function undo(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  const { order, vault } = restoreOf(context)
  const into = besideDatabase(order.database ?? '', 'restoring', context)
  const dropped = await vault.dropDatabase(into, signal)
  return dropped.ok ? [`dropped ${into}`] : []
}
