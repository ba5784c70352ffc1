import type { ChangeKind } from '../change.ts'

const nothingToUndo = (): Promise<never> => Promise.reject(new Error('this kind of change cannot be taken back'))

/** A client connects again by itself; nobody can give it its session back. */
export const sessionsEnded: ChangeKind<'sessions-ended'> = {
  kind: 'sessions-ended',
  describe: ({ sessions }) => `ended ${sessions.length} sessions: ${sessions.join('; ')}`,
  consider: async () => ({ can: false, because: 'an ended session cannot be given back; its client connects again' }),
  undo: nothingToUndo,
}

export const processesContinued: ChangeKind<'processes-continued'> = {
  kind: 'processes-continued',
  describe: ({ processes }) => `let go on: ${processes.join('; ')}`,
  consider: async () => ({
    can: false,
    because: 'a process that goes on is not stopped again; whoever wants it stopped does that by hand',
  }),
  undo: nothingToUndo,
}

export const rebuilt: ChangeKind<'rebuilt'> = {
  kind: 'rebuilt',
  describe: ({ what, database, by }) => `rebuilt ${what} in ${database} by ${by}`,
  consider: async (_, { what }) => ({ can: false, because: `${what} was rebuilt from data that is whole, and the old one was damaged` }),
  undo: nothingToUndo,
}

export const tableRewritten: ChangeKind<'table-rewritten'> = {
  kind: 'table-rewritten',
  describe: ({ table, database }) => `rewrote ${table} in ${database} without its damaged pages`,
  consider: async (_, { keptPages, keptRows, lostKeys }) => ({
    can: false,
    because: `the table has lived on since; the raw pages are in ${keptPages}, the rows that could be read in ${keptRows}, the lost keys in ${lostKeys}`,
  }),
  undo: nothingToUndo,
}
