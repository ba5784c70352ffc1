import type { StepContext } from '../step.ts'
import type { TouchedTable } from '../server/proofs.ts'
import type { Relation } from './find-relation.ts'

const STEP = 'repair-damage'

/** What is noted of the repair for the steps that follow it: `restart-clean` and `verify`. */
export interface RepairNote {
  readonly touched?: readonly TouchedTable[]
  /** A repair was made whose success the disk does not show: buffers may hide what is left. */
  readonly unproved?: true
}

/** `verify` counts the table's rows once more. */
export async function noteTouched(context: StepContext, { database, name }: Relation): Promise<void> {
  const { touched = [] } = recall(context)
  if (touched.some((table) => table.database === database && table.table === name)) return
  await add(context, { touched: [...touched, { database, table: name }] })
}

/** `restart-clean` restarts the server, so that its buffers hide nothing. */
export async function noteUnproved(context: StepContext): Promise<void> {
  await add(context, { unproved: true })
}

export function isProved(context: StepContext): boolean {
  return recall(context).unproved !== true
}

function recall(context: StepContext): RepairNote {
  return context.recall(STEP) ?? {}
}

async function add(context: StepContext, note: RepairNote): Promise<void> {
  await context.note({ ...context.recall(STEP), ...note })
}
