import type { Room } from '../../../core/disk/room.ts'
import type { GivingBack } from '../../disk/give-back.ts'
import { findThere, giveBack } from '../../disk/give-back.ts'
import type { Remedy } from '../remedy.ts'
import { reasonToFree } from './reason-to-free.ts'

const BALLAST: GivingBack = { by: 'release-ballast', role: 'ballast', what: 'the ballast', worthless: 'noise that only took room' }

export const releaseBallast: Remedy<Room> = {
  name: 'release-ballast',
  purpose: 'give the server at once the room that was kept for this day',
  changes: 'removes the ballast of that file system',
  keeps: 'nothing: it holds noise',
  undo: 'not needed: it is laid again once the file system is below its warning limit with it',
  proof: 'the room that the file system then has',
  cost: 'nothing',
  async precondition(context, room) {
    if (room.availableBytes >= room.wantedBytes) return { go: 'skip', because: 'inodes are lacking, and the ballast is one file' }
    if ((await findThere(context, room, BALLAST)).length === 0) return { go: 'skip', because: 'there is no ballast on that file system' }
    return { go: 'run', because: reasonToFree(room) }
  },
  run: (context, room, signal) => giveBack(context, room, BALLAST, signal),
}
