import type { Remedy } from '../remedy.ts'
import type { Blocker } from './end-root.ts'
import { checkBlocker, endBlocker } from './end-root.ts'

export const terminateBlocker: Remedy<Blocker> = {
  name: 'terminate-blocker',
  purpose: 'ensure that sessions go on that wait for a lock, at the expense of the session that keeps it from them',
  changes: 'ends that session, if it is in the same transaction and somebody waits for it still',
  keeps: 'the tree of who waits for whom, since when and in which statement',
  undo: 'not possible: what its transaction had not committed is rolled back, and its client connects again',
  proof: 'nobody waits for that transaction any more',
  cost: 'sessions',
  precondition: (context, blocker, signal) => checkBlocker(context, blocker, 'terminate', signal),
  run: (context, blocker, signal) => endBlocker(context, 'terminate-blocker', blocker, 'terminate', signal),
}
