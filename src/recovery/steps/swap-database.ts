import { OutsideError } from '../../ports/outside-error.ts'
import { besideDatabase, restoreOf } from '../server/restore-order.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Gives the loaded database the name of the old one, which is kept under another. */
export const swapDatabase: Step = {
  name: 'swap-database',
  purpose: 'ensure that the restored database has the name that the application asks for, and the old one is kept',
  changes: 'keeps sessions out of the database, ends those that are in it, and renames both databases in one transaction',
  precondition: async (): Promise<Check> => ({ go: 'run', because: 'the restored database is loaded and proved' }),
  run,
  undo,
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const { order, vault } = restoreOf(context)
  const names = namesOf(context, order.database ?? '')
  await context.note(names)
  const swapped = await vault.swapDatabases(names, signal)
  if (!swapped.ok) return { ok: false, why: `${swapped.why}${swapped.hint === '' ? '' : `; ${swapped.hint}`}`, held: false, did: [] }
  const outage = `sessions were kept out for ${swapped.value.outageMs} ms`
  return { ok: true, did: [`restored ${names.database}; ${outage}; the old one is ${names.old}`] }
}

function namesOf(context: StepContext, database: string) {
  return { database, loaded: besideDatabase(database, 'restoring', context), old: besideDatabase(database, 'before', context) }
}

/** The same renames the other way round; where the swap never came to its end, there is nothing to rename. */
async function undo(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  const { order, vault } = restoreOf(context)
  const { database, loaded, old } = namesOf(context, order.database ?? '')
  const back = await vault.swapDatabases({ database, loaded: old, old: loaded }, signal)
  if (back.ok) return [`gave ${database} its old contents back`]
  throw new OutsideError({ operation: 'rename', object: old, code: 'not-renamed', reason: back.why, hint: back.hint })
}
