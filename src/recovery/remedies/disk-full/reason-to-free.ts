import type { Room } from '../../../core/disk/room.ts'
import { megabytes } from '../../../core/disk/bytes.ts'
import { describeShortage, isShort } from '../../../core/disk/room.ts'

/** Why room is made there: one clause. */
export function reasonToFree(room: Room): string {
  return isShort(room) ? describeShortage(room) : `${room.path} was full and has ${megabytes(room.availableBytes)} free`
}
