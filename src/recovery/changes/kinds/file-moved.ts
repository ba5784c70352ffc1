import type { ChangeKind } from '../change.ts'

/** A start makes its own lock file; an old one put back could only hinder it. */
const LOCK_FILE = /\/(?:postmaster\.pid|\.s\.PGSQL\.\d+\.lock)$/

export const fileMoved: ChangeKind<'file-moved'> = {
  kind: 'file-moved',
  describe: ({ from, to, why }) => `moved ${from} to ${to}: ${why}`,
  async consider({ outside: { files }, nothingRuns, cluster }, { from, to }) {
    if (LOCK_FILE.test(from)) return { can: false, because: `${from} was a stale lock file, and is of no use to anybody` }
    if ((await files.status(to)) === undefined) return { can: false, because: `${to} is not there any more` }
    if ((await files.status(from)) !== undefined) return { can: false, because: `something else lies at ${from} by now` }
    if (from.startsWith(`${cluster.dataDirectory}/`) && !nothingRuns())
      return { can: false, because: `the server runs: stop it first, because ${from} lies in its data directory` }
    return { can: true, how: `move ${to} back to ${from}` }
  },
  undo: ({ outside: { files } }, { from, to }) => files.move(to, from),
}
