import type { Room } from '../../../core/disk/room.ts'
import { findTight } from '../../disk/room.ts'
import { defineLadder } from '../ladder.ts'
import { releaseBallast } from './release-ballast.ts'
import { removeCoreFiles } from './remove-core-files.ts'
import { removeOldServerLogs } from './remove-old-server-logs.ts'

/** The safe list: nothing else is ever removed to make room. What else holds the space is for a person to judge. */
export const diskFullLadder = defineLadder<Room>({
  cause: 'disk-full',
  step: 'free-disk-space',
  findTargets: async (context) => (await findTight(context)).map((room) => ({ name: room.path, subject: room })),
  remedies: [releaseBallast, removeOldServerLogs, removeCoreFiles],
})
