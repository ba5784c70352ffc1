import type { Remedy } from '../remedy.ts'
import type { Blocker } from './end-root.ts'
import { checkBlocker, endBlocker } from './end-root.ts'

export const cancelBlocker: Remedy<Blocker> = {
  name: 'cancel-blocker',
  purpose: 'ensure that sessions go on that wait for a lock, at the expense of the statement that keeps it from them',
  changes: 'cancels that statement, if it is of the same transaction and somebody waits for it still; its session stays',
  keeps: 'the tree of who waits for whom, since when and in which statement',
  undo: 'not possible: what the statement did is rolled back, and its client has to send it again',
  proof: 'nobody waits for that transaction any more',
  cost: 'sessions',
  precondition: (context, blocker, signal) => checkBlocker(context, blocker, 'cancel', signal),
  run: (context, blocker, signal) => endBlocker(context, 'cancel-blocker', blocker, 'cancel', signal),
}
