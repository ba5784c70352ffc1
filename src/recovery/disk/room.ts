import type { Room } from '../../core/disk/room.ts'
import { isShort } from '../../core/disk/room.ts'
import type { StepContext } from '../step.ts'

export { megabytes } from '../../core/disk/bytes.ts'
export { describeShortage } from '../../core/disk/room.ts'

/** The first file system that is too full for the server to work; `undefined` when there is room everywhere. */
export async function findShortage(context: StepContext): Promise<Room | undefined> {
  return (await context.space.rooms()).find(isShort)
}

/** Those that lack what is needed or, where a full disk is the cause, what is wanted. */
export async function findTight(context: StepContext): Promise<readonly Room[]> {
  return (await context.space.rooms()).filter((room) => isTight(context, room))
}

export function isTight({ assessment }: StepContext, room: Room): boolean {
  return isShort(room) || (assessment.cause === 'disk-full' && room.availableBytes < room.wantedBytes)
}
