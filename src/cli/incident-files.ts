import { join } from 'node:path'
import type { Incident } from '../core/incident.ts'
import { listDirectories, listFiles, readText } from './files.ts'

export interface StoredIncident {
  readonly incident: Incident
  readonly directory: string
}

/** One incident with the files that were kept in its folder. */
export interface IncidentDetail extends StoredIncident {
  readonly files: readonly { readonly name: string; readonly sizeBytes: number }[]
}

export type Found<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly path: string; readonly code: string }
export type IncidentsRead = Found<readonly StoredIncident[]>

function isIncident(value: unknown): value is Incident {
  return (
    typeof value === 'object' &&
    value !== null &&
    'version' in value &&
    value.version === 1 &&
    'id' in value &&
    typeof value.id === 'string'
  )
}

async function readOne(directory: string): Promise<Found<Incident | undefined>> {
  const path = join(directory, 'incident.json')
  const text = await readText(path)
  if (!text.ok) return text.code === 'ENOENT' ? { ok: true, value: undefined } : { ok: false, path, code: text.code }
  try {
    const value: unknown = JSON.parse(text.value)
    return { ok: true, value: isIncident(value) ? value : undefined }
  } catch {
    return { ok: true, value: undefined }
  }
}

/** Every incident below `stateDirectory`, the newest first; a folder without a readable `incident.json` is left out. */
export async function readIncidents(stateDirectory: string): Promise<IncidentsRead> {
  const parent = join(stateDirectory, 'incidents')
  const names = await listDirectories(parent)
  if (!names.ok) return names.code === 'ENOENT' ? { ok: true, value: [] } : { ok: false, path: parent, code: names.code }
  const stored: StoredIncident[] = []
  for (const name of names.value) {
    const directory = join(parent, name)
    const read = await readOne(directory)
    if (!read.ok) return read
    if (read.value !== undefined) stored.push({ incident: read.value, directory })
  }
  return { ok: true, value: stored.sort((a, b) => b.incident.openedAtWallMs - a.incident.openedAtWallMs) }
}

/** The incident with exactly this id; code `ENOENT` when there is none. */
export async function readIncident(stateDirectory: string, id: string): Promise<Found<IncidentDetail>> {
  const all = await readIncidents(stateDirectory)
  if (!all.ok) return all
  const stored = all.value.find(({ incident }) => incident.id === id)
  if (stored === undefined) return { ok: false, path: join(stateDirectory, 'incidents', id), code: 'ENOENT' }
  const files = await listFiles(stored.directory)
  return files.ok ? { ok: true, value: { ...stored, files: files.value } } : { ok: false, path: stored.directory, code: files.code }
}
