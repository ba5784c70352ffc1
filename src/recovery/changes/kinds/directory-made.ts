import type { ChangeKind } from '../change.ts'

export const directoryMade: ChangeKind<'directory-made'> = {
  kind: 'directory-made',
  describe: ({ path, mode }) => `made the directory ${path} (${mode.toString(8)})`,
  async consider({ outside: { files }, nothingRuns }, { path }) {
    const names = await files.list(path)
    if (names === undefined) return { can: false, because: `${path} is not there any more` }
    if (names.length > 0) return { can: false, because: `${path} is in use by now: it holds ${names.length} files` }
    if (!nothingRuns()) return { can: false, because: `the server runs and needs ${path}` }
    return { can: true, how: `remove the empty directory ${path}` }
  },
  undo: ({ outside: { files } }, { path }) => files.remove(path),
}
