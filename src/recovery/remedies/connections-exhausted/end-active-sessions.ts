import type { Remedy } from '../remedy.ts'
import { checkClass, endClass } from './end-chosen.ts'

export const endActiveSessions: Remedy = {
  name: 'end-active-sessions',
  purpose: 'ensure that the application can log in, at the expense of statements that run for longer than the configuration allows',
  changes: 'ends as many of them as give the headroom back; nothing unless recovery.sessions.active is set',
  keeps: 'the list of all sessions by user, database, address, state and age',
  undo: 'not possible: a client connects again by itself, and what its transaction had not committed is rolled back',
  proof: 'a fresh login of the application, and the free connections that the configuration asks for',
  cost: 'sessions',
  precondition: (context, _, signal) => checkClass(context, 'active', signal),
  run: (context, _, signal) => endClass(context, 'end-active-sessions', 'active', signal),
}
