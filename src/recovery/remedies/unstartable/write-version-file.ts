import type { Hindrance } from '../../../core/hindrance.ts'
import { recordChange } from '../../changes/change-log.ts'
import { sha256Of } from '../../changes/digest.ts'
import { timeStamp } from '../../server/incident-files.ts'
import type { Remedy } from '../remedy.ts'

const NAME = 'write-version-file'

export const writeVersionFile: Remedy<Hindrance> = {
  name: NAME,
  purpose: 'give the data directory, or that of a database, its PG_VERSION back',
  changes: 'writes the major version that pg_control, the programs and every other PG_VERSION agree on',
  keeps: 'what was in the place of the file, in the incident folder',
  undo: 'the file is removed, and what was in its place is moved back',
  proof: 'the text that the file then holds',
  cost: 'nothing',
  async precondition(_, { mend, sentence }) {
    return mend?.kind === 'write-file' ? { go: 'run', because: sentence } : { go: 'skip', because: 'no PG_VERSION is wrong there' }
  },
  async run(context, { place, mend, sentence }) {
    const { files } = context.outside
    if (mend?.kind !== 'write-file') return { ended: 'not-mended', why: 'no PG_VERSION is wrong there', did: [] }
    const { content, mode } = mend
    if ((await files.status(place)) !== undefined) {
      const to = `${context.incidentDirectory}/${timeStamp(context)}-PG_VERSION`
      await recordChange(context, NAME, { kind: 'file-moved', from: place, to, why: sentence })
      await files.move(place, to)
    }
    await recordChange(context, NAME, { kind: 'file-written', path: place, sha256: sha256Of(Buffer.from(content)) })
    await files.writeDurably(place, content, mode)
    const isRight = (await files.readText(place, { maxBytes: content.length + 1 })) === content
    if (!isRight) return { ended: 'not-mended', why: `${place} does not hold what was written`, did: [] }
    return { ended: 'mended', did: [`wrote ${content.trim()} into ${place}`] }
  },
}
