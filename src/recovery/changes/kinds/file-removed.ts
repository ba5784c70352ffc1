import type { ChangeKind } from '../change.ts'

export const fileRemoved: ChangeKind<'file-removed'> = {
  kind: 'file-removed',
  describe: ({ path, bytes, contents }) => `removed ${path} (${bytes} bytes, ${contents})`,
  consider: async (_, { contents }) => ({ can: false, because: `it was removed for its room: ${contents}` }),
  undo: () => Promise.reject(new Error('a removed file cannot be put back')),
}
