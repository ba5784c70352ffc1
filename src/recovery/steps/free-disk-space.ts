import { describeShortage, findShortage, findTight, megabytes } from '../disk/room.ts'
import { diskFullLadder } from '../remedies/disk-full/index.ts'
import type { Check, Step, StepContext, StepResult } from '../step.ts'

/** Makes room from the safe list, no more than needed; a server on a full disk must not be stopped and cannot start. */
export const freeDiskSpace: Step = {
  name: 'free-disk-space',
  purpose: 'ensure that the server has room for two WAL segments on every volume that it must write',
  changes: 'gives back the ballast, then moves away or removes old server logs and core files, until there is enough',
  precondition,
  run,
  undo: { impossible: 'what was freed is needed; the ballast is laid again once there is room' },
}

async function precondition(context: StepContext): Promise<Check> {
  const shortage = await findShortage(context)
  if (shortage !== undefined) return { go: 'run', because: describeShortage(shortage) }
  const [tight] = await findTight(context)
  if (tight === undefined) return { go: 'skip', because: 'there is room' }
  const more = (await context.space.safeFiles()).some((file) => file.device === tight.device)
  if (!more) return { go: 'skip', because: 'there is a little room, and nothing that may be removed' }
  return { go: 'run', because: `${tight.path} was full and has ${megabytes(tight.availableBytes)} free` }
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const { did } = await diskFullLadder.climb(context, signal)
  const shortage = await findShortage(context)
  if (shortage === undefined) return { ok: true, did }
  const holders = await context.space.holders(new Set([shortage.device]), signal)
  const sentences = holders.map(({ sentence }) => sentence).join('; ')
  return { ok: false, why: `${describeShortage(shortage)}, and nothing more may be removed: ${sentences}`, held: true, did }
}
