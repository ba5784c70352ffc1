import { pollUntil } from '../server/poll.ts'
import type { StepContext } from '../step.ts'

const ENTRIES_AT_MOST = 100_000
const END_TIMEOUT_MS = 5_000

/** Where a small server of our own may work, beside pgwatchd's state; one for each cluster, so that a killed daemon's is found again. */
export function scratchDirectory({ stateDirectory, cluster }: StepContext): string {
  return `${stateDirectory}/scratch-${cluster.name}`
}

/** Ends what still runs in the scratch directory, and removes it with all that it holds. Rejects with `OutsideError`. */
export async function clearScratch(context: StepContext, signal: AbortSignal): Promise<void> {
  const { files, processes, clock } = context.outside
  const directory = scratchDirectory(context)
  if ((await files.status(directory)) === undefined) return
  const isEmpty = (): boolean => {
    const left = processes.postgresIn(directory)
    for (const process of left) processes.signal(process, 'SIGKILL')
    return left.length === 0
  }
  await pollUntil(clock, { timeoutMs: END_TIMEOUT_MS, intervalMs: 20 }, signal, isEmpty)
  await removeTree(context, directory, { left: ENTRIES_AT_MOST })
}

/** Depth first; what a link leads to is left alone. */
async function removeTree(context: StepContext, path: string, budget: { left: number }): Promise<void> {
  const { files } = context.outside
  const status = await files.status(path)
  for (const name of status?.kind === 'directory' ? ((await files.list(path)) ?? []) : []) {
    budget.left -= 1
    if (budget.left > 0) await removeTree(context, `${path}/${name}`, budget)
  }
  await files.remove(path)
}
