import type { Room } from '../../../core/disk/room.ts'
import type { GivingBack } from '../../disk/give-back.ts'
import { findThere, giveBack } from '../../disk/give-back.ts'
import type { Remedy } from '../remedy.ts'
import { reasonToFree } from './reason-to-free.ts'

const OLD_LOGS: GivingBack = { by: 'remove-old-server-logs', role: 'server-log', what: 'the old server log' }

export const removeOldServerLogs: Remedy<Room> = {
  name: 'remove-old-server-logs',
  purpose: 'make room with server logs that are older than recovery.disk.log_age',
  changes: 'takes them away one by one, the oldest first, never the open one, until there is enough',
  keeps: 'each in the incident folder where that is another file system with room; otherwise none',
  undo: 'those that were kept are moved back',
  proof: 'the room that the file system then has',
  cost: 'nothing',
  async precondition(context, room) {
    const found = await findThere(context, room, OLD_LOGS)
    if (found.length === 0) return { go: 'skip', because: 'there are no old server logs on that file system' }
    return { go: 'run', because: reasonToFree(room) }
  },
  run: (context, room, signal) => giveBack(context, room, OLD_LOGS, signal),
}
