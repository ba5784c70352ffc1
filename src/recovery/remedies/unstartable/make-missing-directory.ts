import type { Hindrance } from '../../../core/hindrance.ts'
import { recordChange } from '../../changes/change-log.ts'
import type { Remedy } from '../remedy.ts'

const NAME = 'make-missing-directory'

export const makeMissingDirectory: Remedy<Hindrance> = {
  name: NAME,
  purpose: 'give the data directory back a directory that a copy or a restore has left out because it was empty',
  changes: 'makes it, empty, where everything else of the cluster is in its place and it can have held nothing that is missed',
  keeps: 'nothing, because there is nothing',
  undo: 'it is removed as long as it is empty',
  proof: 'the directory is there',
  cost: 'nothing',
  async precondition(_, { mend, sentence }) {
    return mend?.kind === 'make-directory' ? { go: 'run', because: sentence } : { go: 'skip', because: 'no directory is missing there' }
  },
  async run(context, { place, mend }) {
    if (mend?.kind !== 'make-directory') return { ended: 'not-mended', why: 'no directory is missing there', did: [] }
    await recordChange(context, NAME, { kind: 'directory-made', path: place, mode: mend.mode })
    await context.outside.files.makeDirectory(place, mend.mode)
    return { ended: 'mended', did: [`made the missing directory ${place}`] }
  },
}
