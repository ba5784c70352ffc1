import type { Hindrance } from '../../core/hindrance.ts'
import { findControlFile } from './control-file.ts'
import { findMissingDirectories } from './directories.ts'
import type { Finder, HindranceGround } from './ground.ts'
import { recallFinding } from './kept-finding.ts'
import { findPermissions } from './permissions.ts'
import { findReadOnly } from './read-only.ts'
import { findSlotStates } from './slots.ts'
import { findTablespaces } from './tablespaces.ts'
import { findVersionFiles } from './version-files.ts'
import { inspect } from './whereabouts.ts'

export type { HindranceGround } from './ground.ts'

/** From what concerns the whole directory to single files. */
const FINDERS: readonly Finder[] = [
  findReadOnly,
  findPermissions,
  findControlFile,
  findMissingDirectories,
  findVersionFiles,
  findSlotStates,
  findTablespaces,
]

/** What keeps a server that is down from being started, as far as that can be told within a moment; looks only. Rejects with `OutsideError`. */
export async function findHindrances(ground: HindranceGround): Promise<readonly Hindrance[]> {
  const looked = await inspect(ground)
  if ('hindrance' in looked) return [looked.hindrance]
  const found = await Promise.all(FINDERS.map((find) => find(looked.inspected)))
  return [...(await recallKept(ground)), ...found.flat()]
}

/** What an attempt of this incident has found, where that took long. */
async function recallKept({ outside, incidentDirectory }: HindranceGround): Promise<readonly Hindrance[]> {
  const kept = incidentDirectory === undefined ? undefined : await recallFinding(outside.files, incidentDirectory)
  return kept === undefined ? [] : [kept]
}
