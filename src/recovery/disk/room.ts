import type { StepContext } from '../step.ts'
import { readControlFile } from '../server/data-directory.ts'

/** Room on a volume that the server must be able to write. */
export interface Room {
  /** A directory on it, with links resolved. */
  readonly path: string
  readonly device: number
  readonly availableBytes: number
  readonly freeInodes: number
  /** False for a file system without a fixed number of inodes. */
  readonly countsInodes: boolean
  /** What must be free for the server to work. */
  readonly neededBytes: number
  /** What should be, where a full disk is the cause: redo may extend files again before it can free anything. */
  readonly wantedBytes: number
}

const USUAL_SEGMENT_BYTES = 16 * 1024 * 1024
const WANTED_SEGMENTS = 8
const SPARE_BYTES = 8 * 1024 * 1024
const NEEDED_INODES = 16

/**
 * The volumes of the data directory and of `pg_wal`, each once. Two WAL segments and a little must be free: a start, and
 * a shutdown checkpoint, must be able to write that before they can free anything.
 */
export async function lookAtRoom(context: StepContext): Promise<readonly Room[]> {
  const segmentBytes = (await readControlFile(context))?.walSegmentBytes ?? USUAL_SEGMENT_BYTES
  const neededBytes = 2 * segmentBytes + SPARE_BYTES
  const wantedBytes = context.assessment.cause === 'disk-full' ? WANTED_SEGMENTS * segmentBytes + SPARE_BYTES : neededBytes
  const rooms = new Map<number, Room>()
  for (const path of [context.cluster.dataDirectory, `${context.cluster.dataDirectory}/pg_wal`]) {
    const room = await measure(context, path, { neededBytes, wantedBytes })
    if (room !== undefined && !rooms.has(room.device)) rooms.set(room.device, room)
  }
  return [...rooms.values()]
}

async function measure(context: StepContext, path: string, limits: Pick<Room, 'neededBytes' | 'wantedBytes'>): Promise<Room | undefined> {
  const real = await context.outside.files.resolve(path)
  if (real === undefined) return undefined
  const { device, availableBytes, freeInodes, totalInodes } = await context.outside.files.volume(real)
  return { path: real, device, availableBytes, freeInodes, countsInodes: totalInodes > 0, ...limits }
}

/** The first volume that is too full to write on; `undefined` when there is room everywhere. */
export async function findShortage(context: StepContext): Promise<Room | undefined> {
  return (await lookAtRoom(context)).find(isShort)
}

/** The first volume with less room than is wanted; `undefined` when there is enough everywhere. */
export async function findTightness(context: StepContext): Promise<Room | undefined> {
  return (await lookAtRoom(context)).find((room) => isShort(room) || room.availableBytes < room.wantedBytes)
}

/** Whether the server could not work on this volume. */
export function isShort(room: Room): boolean {
  return room.availableBytes < room.neededBytes || (room.countsInodes && room.freeInodes < NEEDED_INODES)
}

/** "/var/lib/postgresql/15/main has 3 MB free and needs 40 MB", for people. */
export function describeShortage(room: Room): string {
  if (room.availableBytes >= room.neededBytes) return `${room.path} has ${room.freeInodes} inodes free and needs ${NEEDED_INODES}`
  return `${room.path} has ${megabytes(room.availableBytes)} free and needs ${megabytes(room.neededBytes)}`
}

/** "48 MB", for people. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}
