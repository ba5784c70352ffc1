import type { Room } from '../../../core/disk/room.ts'
import type { GivingBack } from '../../disk/give-back.ts'
import { findThere, giveBack } from '../../disk/give-back.ts'
import type { Remedy } from '../remedy.ts'
import { reasonToFree } from './reason-to-free.ts'

const CORE_FILES: GivingBack = { by: 'remove-core-files', role: 'core-file', what: 'the core file' }

export const removeCoreFiles: Remedy<Room> = {
  name: 'remove-core-files',
  purpose: 'make room with core dumps of the server in its data directory',
  changes: 'takes them away one by one, the oldest first, until there is enough',
  keeps: 'each in the incident folder where that is another file system with room; otherwise none',
  undo: 'those that were kept are moved back',
  proof: 'the room that the file system then has',
  cost: 'nothing',
  async precondition(context, room) {
    const found = await findThere(context, room, CORE_FILES)
    if (found.length === 0) return { go: 'skip', because: 'there are no core files on that file system' }
    return { go: 'run', because: reasonToFree(room) }
  },
  run: (context, room, signal) => giveBack(context, room, CORE_FILES, signal),
}
