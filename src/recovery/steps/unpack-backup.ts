import { restoreOf, restoringDirectory } from '../server/restore-order.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Makes a data directory of a backup beside the one in use, and proves it there, while the server may still run. */
export const unpackBackup: Step = {
  name: 'unpack-backup',
  purpose: 'ensure that a proved copy of the backup lies beside the data directory',
  changes: 'writes a new directory beside the data directory; the cluster itself is not touched',
  precondition,
  run,
  undo,
}

async function precondition(context: StepContext): Promise<Check> {
  if (context.recall('unpack-backup')?.['unpacked'] === true) return { go: 'skip', because: 'it was unpacked earlier in this attempt' }
  const { files } = context.outside
  const { dataDirectory } = context.cluster
  const [data, parent] = [await files.status(dataDirectory), await files.status(parentOf(dataDirectory))]
  if (data !== undefined && parent?.device !== data.device) {
    const because = `${dataDirectory} is a mount point: a rename cannot replace it; restore by hand from the backup`
    return { go: 'stop', because, held: true }
  }
  return { go: 'run', because: 'the backup is unpacked and proved before anything is stopped' }
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const { order, vault } = restoreOf(context)
  const directory = restoringDirectory(context)
  await context.note({ directory, unpacked: false })
  context.report(`unpacking ${order.backup} beside the data directory`)
  const unpacked = await vault.unpack(order.backup, directory, signal)
  if (!unpacked.ok) return { ok: false, why: `${unpacked.why}${unpacked.hint === '' ? '' : `; ${unpacked.hint}`}`, held: false, did: [] }
  await context.note({ directory, unpacked: true })
  return { ok: true, did: [`unpacked ${order.backup} into ${directory}: ${unpacked.value.detail}`] }
}

async function undo(context: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  await restoreOf(context).vault.discard(restoringDirectory(context), signal)
  return ['removed the unpacked backup']
}

function parentOf(path: string): string {
  return path.replace(/\/[^/]+\/*$/, '') || '/'
}
