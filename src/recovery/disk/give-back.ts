import { megabytes } from '../../core/disk/bytes.ts'
import { isShort } from '../../core/disk/room.ts'
import type { Room } from '../../core/disk/room.ts'
import type { SafeFile, SafeRole } from '../../core/disk/safe-list.ts'
import type { Change } from '../changes/change.ts'
import { tryToRecordChange } from '../changes/change-log.ts'
import type { RemedyResult } from '../remedies/remedy.ts'
import { timeStamp } from '../server/incident-files.ts'
import type { StepContext } from '../step.ts'
import { describeShortage, isTight } from './room.ts'

/** Files of one kind that a remedy gives back. */
export interface GivingBack {
  /** The remedy's name. */
  readonly by: string
  readonly role: SafeRole
  /** "the ballast" */
  readonly what: string
  /** Why nothing is lost by it: such a file is not kept. `undefined`: it is, where there is room elsewhere. */
  readonly worthless?: string
}

/** The files of that kind on the file system of `room`, the oldest first. */
export async function findThere(context: StepContext, room: Room, { role }: Pick<GivingBack, 'role'>): Promise<readonly SafeFile[]> {
  return (await context.space.safeFiles()).filter((file) => file.role === role && file.device === room.device)
}

/** Gives them back one by one until there is enough; what is proved is the room that the file system then has. */
export async function giveBack(context: StepContext, room: Room, kind: GivingBack, signal: AbortSignal): Promise<RemedyResult<Room>> {
  const did: string[] = []
  let left = room
  for (const file of await findThere(context, room, kind)) {
    if (signal.aborted || !isTight(context, left)) break
    did.push(await giveBackOne(context, file, kind))
    left = await lookAgain(context, left)
  }
  if (!isTight(context, left)) return { ended: 'mended', did }
  if (did.length > 0) return { ended: 'partly', did, left }
  return { ended: 'not-mended', did, why: isShort(left) ? describeShortage(left) : `${left.path} has little room` }
}

/**
 * The journal has the intent, in blocks that it has already. The record for `pgwatchd undo` needs room: where there is none yet,
 * it is made right after there is.
 */
async function giveBackOne(context: StepContext, file: SafeFile, kind: GivingBack): Promise<string> {
  const { files } = context.outside
  const to = kind.worthless === undefined ? await findPlaceToKeep(context, file) : undefined
  const change: Change =
    to === undefined
      ? { kind: 'file-removed', path: file.path, bytes: file.allocatedBytes, contents: kind.worthless ?? kind.what }
      : { kind: 'file-moved', from: file.path, to, why: 'the disk was full' }
  await context.note({
    ...context.recall('free-disk-space'),
    freeing: file.path,
    role: file.role,
    bytes: file.allocatedBytes,
    to: to ?? null,
  })
  const isRecorded = await tryToRecordChange(context, kind.by, change)
  await (to === undefined ? files.remove(file.path) : files.move(file.path, to))
  if (!isRecorded) await tryToRecordChange(context, kind.by, change)
  return `${to === undefined ? 'removed' : 'moved away'} ${kind.what} ${file.path} (${megabytes(file.allocatedBytes)})`
}

/** The incident's folder, where that is another file system with plenty of room. */
async function findPlaceToKeep(context: StepContext, file: SafeFile): Promise<string | undefined> {
  const there = await context.outside.files.volume(context.incidentDirectory)
  if (there.device === file.device || there.availableBytes <= 2 * file.allocatedBytes) return undefined
  return `${context.incidentDirectory}/${timeStamp(context)}-${file.path.slice(file.path.lastIndexOf('/') + 1)}`
}

async function lookAgain(context: StepContext, before: Room): Promise<Room> {
  return (await context.space.rooms()).find(({ device }) => device === before.device) ?? before
}
