import { OutsideError } from '../../../ports/outside-error.ts'
import { sha256Of } from '../digest.ts'
import type { ChangeKind } from '../change.ts'

export const bytesReplaced: ChangeKind<'bytes-replaced'> = {
  kind: 'bytes-replaced',
  describe: ({ path, offset, length }) => `replaced ${length} bytes at ${offset} of ${path}`,
  async consider({ outside: { files }, nothingRuns }, { path, offset, length, kept, sha256After }) {
    if (!nothingRuns()) return { can: false, because: `the server runs: stop it first, because it writes ${path}` }
    const now = await files.read(path, { offset, maxBytes: length })
    if (now === undefined) return { can: false, because: `${path} is not there any more` }
    if (sha256Of(now) !== sha256After) return { can: false, because: `those bytes of ${path} were written since` }
    const before = await files.read(kept, { maxBytes: length })
    if (before?.length !== length) return { can: false, because: `${kept} does not hold the bytes from before` }
    return { can: true, how: `write ${length} bytes from ${kept} back to ${path} at ${offset}` }
  },
  async undo({ outside: { files } }, { path, offset, length, kept }) {
    const before = await files.read(kept, { maxBytes: length })
    if (before === undefined)
      throw new OutsideError({ operation: 'read', object: kept, code: 'ENOENT', reason: 'it is not there any more' })
    await files.overwrite(path, offset, before)
  },
}
