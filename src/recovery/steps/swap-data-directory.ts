import type { Commands } from '../../ports/commands.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { recordChange } from '../changes/change-log.ts'
import { nothingRuns } from '../server/processes.ts'
import { oldDirectory, restoreOf, restoringDirectory } from '../server/restore-order.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** What an operator has configured now holds, not what was configured when the backup was made. */
const CONFIGURATION = ['postgresql.conf', 'postgresql.auto.conf', 'pg_hba.conf', 'pg_ident.conf']
const PROGRAM_TIMEOUT_MS = 60_000

/** Puts the unpacked backup in the place of the data directory, which is kept under another name. */
export const swapDataDirectory: Step = {
  name: 'swap-data-directory',
  purpose: 'ensure that the restored data directory lies where the server looks for it, and the old one beside it',
  changes: 'renames the data directory aside and the restored one into its place; carries the configuration files over',
  precondition,
  run,
  undo,
}

async function precondition(context: StepContext): Promise<Check> {
  if (!nothingRuns(context)) return { go: 'stop', because: 'a server runs on the data directory', held: true }
  return { go: 'run', because: 'the restored data directory lies beside the old one' }
}

/** Each rename is looked at first, so that a run that was cut short is gone on with. */
async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const { files } = context.outside
  const { dataDirectory } = context.cluster
  const [restored, old] = [`${restoringDirectory(context)}/data`, oldDirectory(context)]
  await context.note({ restored, old })
  if ((await files.status(restored)) !== undefined) {
    if ((await files.status(dataDirectory)) !== undefined) {
      await carryConfiguration(context, restored)
      await placeTablespaces(context, restored)
      await recordChange(context, 'swap-data-directory', { kind: 'file-moved', from: dataDirectory, to: old, why: 'a backup was restored' })
      await files.move(dataDirectory, old)
    }
    await files.move(restored, dataDirectory)
  }
  await restoreOf(context).vault.discard(restoringDirectory(context), signal)
  return { ok: true, did: [`put the restored data directory in place; the old one is ${old}`] }
}

async function carryConfiguration({ outside: { files, commands }, cluster }: StepContext, restored: string): Promise<void> {
  for (const name of CONFIGURATION) {
    const [current, target] = [`${cluster.dataDirectory}/${name}`, `${restored}/${name}`]
    if ((await files.status(current))?.kind !== 'file') continue
    const aside = `${target}.from-backup`
    if ((await files.status(target)) !== undefined && (await files.status(aside)) === undefined) await files.move(target, aside)
    await runOn(commands, 'cp', ['--archive', '--no-target-directory', '--', current, target], target)
    await runOn(commands, 'sync', ['--', target], target)
  }
}

/** Tablespaces of the backup go beside the data directory: where they were, the old cluster still lies. */
async function placeTablespaces(context: StepContext, restored: string): Promise<void> {
  const { files, commands } = context.outside
  const from = `${restoringDirectory(context)}/tablespaces`
  const to = `${context.cluster.dataDirectory}.tablespaces-${context.incidentId.slice(0, 16)}`
  if ((await files.status(from)) !== undefined) await files.move(from, to)
  for (const oid of (await files.list(to)) ?? []) {
    const link = `${restored}/pg_tblspc/${oid}`
    await runOn(commands, 'ln', ['-sfn', '--', `${to}/${oid}`, link], link)
  }
}

async function runOn(commands: Commands, file: string, list: readonly string[], object: string): Promise<void> {
  const ran = await commands.run({ file, arguments: list, timeoutMs: PROGRAM_TIMEOUT_MS })
  if (ran.exitCode === 0) return
  throw new OutsideError({ operation: file, object, code: ran.outcome, reason: ran.stderr.trim() || ran.outcome })
}

async function undo(context: StepContext): Promise<readonly string[]> {
  const { files } = context.outside
  const { dataDirectory } = context.cluster
  const [restored, old] = [`${restoringDirectory(context)}/data`, oldDirectory(context)]
  if ((await files.status(old)) === undefined) return []
  if ((await files.status(dataDirectory)) !== undefined) await files.move(dataDirectory, restored)
  await files.move(old, dataDirectory)
  return ['put the old data directory back']
}
