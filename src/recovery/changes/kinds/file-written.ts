import { sha256Of } from '../digest.ts'
import type { ChangeKind } from '../change.ts'

const MOST_BYTES = 1 << 20

export const fileWritten: ChangeKind<'file-written'> = {
  kind: 'file-written',
  describe: ({ path }) => `wrote ${path}, which was missing`,
  async consider({ outside: { files }, nothingRuns }, { path, sha256 }) {
    const content = await files.read(path, { maxBytes: MOST_BYTES })
    if (content === undefined) return { can: false, because: `${path} is not there any more` }
    if (sha256Of(content) !== sha256) return { can: false, because: `${path} was changed since` }
    if (!nothingRuns()) return { can: false, because: `the server runs and may need ${path}: stop it first` }
    return { can: true, how: `remove ${path}` }
  },
  undo: ({ outside: { files } }, { path }) => files.remove(path),
}
