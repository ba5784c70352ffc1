import type { StepContext } from '../step.ts'

/** Room on a volume that the server must be able to write. */
export interface Room {
  readonly path: string
  readonly device: number
  readonly availableBytes: number
  readonly freeInodes: number
  /** False for a file system without a fixed number of inodes. */
  readonly countsInodes: boolean
}

/** Two WAL segments and a little: what a start, or a shutdown checkpoint, must be able to write before it can free anything. */
export const NEEDED_BYTES = 40 * 1024 * 1024
const NEEDED_INODES = 16

/** The volumes of the data directory and of `pg_wal`, each once. */
export async function lookAtRoom(context: StepContext): Promise<readonly Room[]> {
  const { files } = context.outside
  const found = new Map<number, Room>()
  for (const path of [context.cluster.dataDirectory, `${context.cluster.dataDirectory}/pg_wal`]) {
    const real = await files.resolve(path)
    if (real === undefined) continue
    const use = await files.volume(real)
    const countsInodes = use.totalInodes > 0
    if (!found.has(use.device)) found.set(use.device, { path: real, device: use.device, availableBytes: use.availableBytes, freeInodes: use.freeInodes, countsInodes })
  }
  return [...found.values()]
}

/** The first volume that is too full to write on; `undefined` when there is room everywhere. */
export async function findShortage(context: StepContext): Promise<Room | undefined> {
  return (await lookAtRoom(context)).find(isShort)
}

/** Whether the server could not work on this volume. */
export function isShort(room: Room): boolean {
  return room.availableBytes < NEEDED_BYTES || (room.countsInodes && room.freeInodes < NEEDED_INODES)
}

/** "/var/lib/postgresql/15/main has 3 MB free and needs 40 MB", for people. */
export function describeShortage(room: Room): string {
  if (room.availableBytes >= NEEDED_BYTES) return `${room.path} has ${room.freeInodes} inodes free and needs ${NEEDED_INODES}`
  return `${room.path} has ${megabytes(room.availableBytes)} free and needs ${megabytes(NEEDED_BYTES)}`
}

/** "48 MB", for people. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`
}
