import { OutsideError } from '../../ports/outside-error.ts'
import type { StepContext } from '../step.ts'
import type { WalDamage } from './check-wal.ts'

const FOLDER = 'wal'

/** What became of the copies: clauses for people. */
export interface KeptWal {
  readonly did: readonly string[]
  readonly notDone: readonly string[]
}

/**
 * Copies what recovery would read into the incident's folder, before anybody starts the server: a start writes into these very
 * files. Where there is no room for all, the control file and the damaged file are copied. May be called again.
 */
export async function keepWal(context: StepContext, { file, files }: WalDamage, signal: AbortSignal): Promise<KeptWal> {
  const present = await listPresent(context, files)
  const totalBytes = present.reduce((sum, each) => sum + each.sizeBytes, 0)
  const { availableBytes } = await context.outside.files.volume(context.incidentDirectory)
  const chosen = availableBytes > 2 * totalBytes ? present : present.filter((each) => each.name === file)
  const left = present.length - chosen.length
  const failed: string[] = []
  for (const { path, name } of [{ path: `${context.cluster.dataDirectory}/global/pg_control`, name: 'pg_control' }, ...chosen])
    if (!signal.aborted) failed.push(...(await tryToCopy(context, path, name)))
  const notDone =
    left === 0 ? failed : [...failed, `no room to keep ${left} of ${present.length} files of WAL: copy them before anything is started`]
  return { did: [`kept pg_control and ${chosen.length} files of WAL in ${context.incidentDirectory}/${FOLDER}`], notDone }
}

interface PresentFile {
  readonly path: string
  readonly name: string
  readonly sizeBytes: number
}

async function listPresent(context: StepContext, names: readonly string[]): Promise<readonly PresentFile[]> {
  const found: PresentFile[] = []
  for (const name of names) {
    const path = `${context.cluster.dataDirectory}/pg_wal/${name}`
    const status = await context.outside.files.status(path)
    if (status !== undefined) found.push({ path, name, sizeBytes: status.sizeBytes })
  }
  return found
}

/** A copy that is whole is left; one that was cut short by a kill is made again. Returns why it could not be made. */
async function tryToCopy({ outside: { files }, incidentDirectory }: StepContext, from: string, name: string): Promise<readonly string[]> {
  const to = `${incidentDirectory}/${FOLDER}/${name}`
  try {
    await files.makeDirectory(`${incidentDirectory}/${FOLDER}`, 0o700)
    const [source, target] = [await files.status(from), await files.status(to)]
    if (source === undefined || source.sizeBytes === target?.sizeBytes) return []
    if (target !== undefined) await files.remove(to)
    await files.copy(from, to, 0o600)
    return []
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return [`${name} could not be kept: ${error.message}`]
  }
}
