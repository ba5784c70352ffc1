import type { Remedy } from '../remedy.ts'
import { checkClass, endClass } from './end-chosen.ts'

export const endIdleSessions: Remedy = {
  name: 'end-idle-sessions',
  purpose: 'ensure that the application can log in, at the expense of the sessions that are idle for longest',
  changes: 'ends as many of them as give the headroom back, if they have done nothing since they were looked at',
  keeps: 'the list of all sessions by user, database, address, state and age',
  undo: 'not possible: a client connects again by itself, and what its transaction had not committed is rolled back',
  proof: 'a fresh login of the application, and the free connections that the configuration asks for',
  cost: 'sessions',
  precondition: (context, _, signal) => checkClass(context, 'idle', signal),
  run: (context, _, signal) => endClass(context, 'end-idle-sessions', 'idle', signal),
}
