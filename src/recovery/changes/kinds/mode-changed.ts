import type { ChangeKind } from '../change.ts'

export const modeChanged: ChangeKind<'mode-changed'> = {
  kind: 'mode-changed',
  describe: ({ path, before, after }) => `set the permissions of ${path} from ${before.toString(8)} to ${after.toString(8)}`,
  async consider({ outside: { files } }, { path, before, after }) {
    const status = await files.status(path)
    if (status === undefined) return { can: false, because: `${path} is not there any more` }
    if (status.mode !== after) return { can: false, because: `the permissions of ${path} are ${status.mode.toString(8)} by now` }
    return { can: true, how: `set the permissions of ${path} back to ${before.toString(8)}` }
  },
  undo: ({ outside: { files } }, { path, before }) => files.changeMode(path, before),
}
