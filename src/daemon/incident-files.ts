import type { Incident } from '../core/incident.ts'
import type { Files } from '../ports/files.ts'

const ID = /^\d{8}T\d{6}Z-[A-Za-z0-9._-]{1,150}$/
const MAXIMUM_BYTES = 4 * 1024 * 1024
const MAXIMUM_DEPTH = 8

/** What is written about an incident; anything else in its folder is what a recovery changed or moved away. */
const ABOUT = /^(\.?incident\.json.*|evidence.*)$/

/** Whether `id` can be the name of an incident's folder; anything with a slash or a leading dot is not. */
export function isIncidentId(id: string): boolean {
  return ID.test(id)
}

/** Ids of the incidents that have a folder, newest first. */
export async function incidentIds(files: Files, directory: string): Promise<readonly string[]> {
  return ((await files.list(directory)) ?? []).filter(isIncidentId).toReversed()
}

/** `undefined` when there is none, or what is there is none. */
export async function readIncident(files: Files, directory: string, id: string): Promise<Incident | undefined> {
  const text = await files.readText(`${directory}/${id}/incident.json`, { maxBytes: MAXIMUM_BYTES })
  try {
    const value = JSON.parse(text ?? '') as Partial<Incident> | null
    const whole = value?.version === 1 && value.id === id && typeof value.openedAtWallMs === 'number' && Array.isArray(value.timeline)
    return whole ? (value as Incident) : undefined
  } catch {
    return undefined
  }
}

/** The newest modification of what was kept before it was changed or moved away; `undefined` when nothing was. */
export async function newestKeptWallMs(files: Files, folder: string): Promise<number | undefined> {
  const times: number[] = []
  for (const name of ((await files.list(folder)) ?? []).filter((each) => !ABOUT.test(each))) {
    const status = await files.status(`${folder}/${name}`)
    if (status !== undefined) times.push(status.modifiedWallMs)
    if (status?.kind === 'directory') times.push((await newestKeptWallMs(files, `${folder}/${name}`)) ?? 0)
  }
  return times.length === 0 ? undefined : Math.max(...times)
}

/** Removes a folder with everything in it; links are removed, not followed. */
export async function removeFolder(files: Files, folder: string, depth = 0): Promise<void> {
  if (depth > MAXIMUM_DEPTH) return
  for (const name of (await files.list(folder)) ?? []) {
    const path = `${folder}/${name}`
    if ((await files.status(path))?.kind === 'directory') await removeFolder(files, path, depth + 1)
    else await files.remove(path)
  }
  await files.remove(folder)
}
