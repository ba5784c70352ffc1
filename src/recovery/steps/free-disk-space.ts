import { explainUse } from '../disk/attribution.ts'
import type { Room } from '../disk/room.ts'
import { describeShortage, findShortage, findTightness, megabytes } from '../disk/room.ts'
import type { FreeableFile } from '../disk/safe-files.ts'
import { listFreeable } from '../disk/safe-files.ts'
import { timeStamp } from '../server/incident-files.ts'
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
  const tight = await findTightness(context)
  if (tight === undefined) return { go: 'skip', because: 'there is room' }
  const more = (await listFreeable(context)).some((file) => file.device === tight.device)
  if (!more) return { go: 'skip', because: 'there is a little room, and nothing that may be removed' }
  return { go: 'run', because: `${tight.path} was full and has ${megabytes(tight.availableBytes)} free` }
}

async function run(context: StepContext, signal: AbortSignal): Promise<StepResult> {
  const did: string[] = []
  for (const file of await listFreeable(context)) {
    const tight = await findTightness(context)
    if (tight === undefined || signal.aborted) break
    if (file.device === tight.device) did.push(await free(context, file))
  }
  const shortage = await findShortage(context)
  return shortage === undefined ? { ok: true, did } : stillShort(context, shortage, did, signal)
}

/** Ballast is made of zeros; anything else is kept in the incident folder where that is another volume with room. */
async function free(context: StepContext, file: FreeableFile): Promise<string> {
  const { files } = context.outside
  const keep = file.role !== 'ballast' && (await hasRoomElsewhere(context, file))
  const to = keep ? `${context.incidentDirectory}/${timeStamp(context)}-${file.path.slice(file.path.lastIndexOf('/') + 1)}` : undefined
  await context.note({ freeing: file.path, role: file.role, bytes: file.allocatedBytes, to: to ?? null })
  await (to === undefined ? files.remove(file.path) : files.move(file.path, to))
  return `${to === undefined ? 'removed' : 'moved away'} ${DESCRIPTIONS[file.role]} ${file.path} (${megabytes(file.allocatedBytes)})`
}

const DESCRIPTIONS = { ballast: 'the ballast', 'server-log': 'the old server log', 'core-file': 'the core file' } as const

async function hasRoomElsewhere(context: StepContext, file: FreeableFile): Promise<boolean> {
  const there = await context.outside.files.volume(context.incidentDirectory)
  return there.device !== file.device && there.availableBytes > 2 * file.allocatedBytes
}

async function stillShort(context: StepContext, shortage: Room, did: readonly string[], signal: AbortSignal): Promise<StepResult> {
  const holders = await explainUse(context, signal)
  return { ok: false, why: `${describeShortage(shortage)}, and nothing more may be removed: ${holders.join('; ')}`, held: true, did }
}
