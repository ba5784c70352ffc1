import type { Hindrance } from '../../core/hindrance.ts'
import type { Files } from '../../ports/files.ts'
import { keepInIncident } from '../server/incident-files.ts'
import type { StepContext } from '../step.ts'

const NAME = 'hindrance.json'
const MOST_BYTES = 1 << 20

/** A finding that took long to make, with how the files that it was made of stood. */
interface KeptFinding {
  readonly version: 1
  readonly hindrance: Hindrance
  readonly files: readonly FileMark[]
}

/** What changes when a file is written or replaced; `undefined` fields in JSON: it was not there. */
interface FileMark {
  readonly path: string
  readonly inode?: number
  readonly sizeBytes?: number
  readonly modifiedWallMs?: number
}

/** Keeps a finding in the incident's folder: it holds, also for the next daemon, as long as `paths` stay as they are. */
export async function keepFinding(context: StepContext, hindrance: Hindrance, paths: readonly string[]): Promise<void> {
  const files = await Promise.all(paths.map((path) => markOf(context.outside.files, path)))
  const finding: KeptFinding = { version: 1, hindrance, files }
  await keepInIncident(context, NAME, `${JSON.stringify(finding, undefined, 2)}\n`)
}

/** The finding that an attempt of this incident has kept, unless one of its files was changed since. Rejects with `OutsideError`. */
export async function recallFinding(files: Files, incidentDirectory: string): Promise<Hindrance | undefined> {
  const text = await files.readText(`${incidentDirectory}/${NAME}`, { maxBytes: MOST_BYTES })
  const finding = text === undefined ? undefined : parseFinding(text)
  if (finding === undefined) return undefined
  for (const mark of finding.files) if (!isSame(mark, await markOf(files, mark.path))) return undefined
  return finding.hindrance
}

async function markOf(files: Files, path: string): Promise<FileMark> {
  const status = await files.status(path)
  if (status === undefined) return { path }
  const { inode, sizeBytes, modifiedWallMs } = status
  return { path, inode, sizeBytes, modifiedWallMs }
}

function isSame(one: FileMark, other: FileMark): boolean {
  return one.inode === other.inode && one.sizeBytes === other.sizeBytes && one.modifiedWallMs === other.modifiedWallMs
}

/** A file that was cut short, or is another version's, tells nothing: the finding is made again. */
function parseFinding(text: string): KeptFinding | undefined {
  try {
    const value = JSON.parse(text) as Partial<KeptFinding> | null
    return value?.version === 1 && value.hindrance !== undefined && Array.isArray(value.files) ? (value as KeptFinding) : undefined
  } catch {
    return undefined
  }
}
