import type { Hindrance } from '../../../core/hindrance.ts'
import { findHindrances } from '../../hindrances/index.ts'
import { defineLadder } from '../ladder.ts'
import { makeMissingDirectory } from './make-missing-directory.ts'
import { setDirectoryMode } from './set-directory-mode.ts'
import { writeVersionFile } from './write-version-file.ts'

/** Only what can mean one thing and loses nothing is mended; configuration, ownership, slots, mounts and signal files are explained. */
export const unstartableLadder = defineLadder<Hindrance>({
  cause: 'unstartable',
  step: 'check-data-files',
  findTargets: async (context) =>
    (await findHindrances(context)).filter(({ mend }) => mend !== undefined).map((subject) => ({ name: subject.place, subject })),
  remedies: [setDirectoryMode, makeMissingDirectory, writeVersionFile],
})
