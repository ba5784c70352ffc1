import type { Hindrance } from '../../../core/hindrance.ts'
import { recordChange } from '../../changes/change-log.ts'
import type { Remedy } from '../remedy.ts'

const NAME = 'set-directory-mode'

export const setDirectoryMode: Remedy<Hindrance> = {
  name: NAME,
  purpose: 'give the data directory permissions that PostgreSQL accepts',
  changes: 'sets them to 700, or to 750 where the files in it are those of a cluster with group access',
  keeps: 'the old permissions, in the log of changes',
  undo: 'they are set back',
  proof: 'the permissions that the directory then has',
  cost: 'nothing',
  async precondition(_, { mend, sentence }) {
    return mend?.kind === 'set-mode' ? { go: 'run', because: sentence } : { go: 'skip', because: 'its permissions are right' }
  },
  async run(context, { place, mend }) {
    const { files } = context.outside
    const before = (await files.status(place))?.mode
    if (mend?.kind !== 'set-mode' || before === undefined) return { ended: 'not-mended', why: `${place} is gone`, did: [] }
    const after = mend.mode
    if (before !== after) {
      await recordChange(context, NAME, { kind: 'mode-changed', path: place, before, after })
      await files.changeMode(place, after)
    }
    return { ended: 'mended', did: [`set the permissions of ${place} from ${before.toString(8)} to ${after.toString(8)}`] }
  },
}
