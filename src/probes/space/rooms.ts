import type { Cluster } from '../../core/cluster.ts'
import { CONTROL_FILE_BYTES, parseControlFile } from '../../core/postgres/control-file.ts'
import { computeNeeds } from '../../core/disk/room.ts'
import type { Room } from '../../core/disk/room.ts'
import type { Files, VolumeUse } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { findPlaces } from './places.ts'
import type { Place } from './places.ts'

/** Without these no server works; a tablespace that cannot be looked at hides nobody else's shortage. */
const VITAL = ['data', 'wal']

/**
 * Room on every file system that the server must be able to write, each once: data directory, `pg_wal`, tablespaces. A full log
 * directory stops no server. Rejects with `OutsideError` when the data directory or `pg_wal` cannot be measured.
 */
export async function lookAtRooms(cluster: Cluster, files: Files, segmentBytes: number | undefined): Promise<readonly Room[]> {
  const places = (await findPlaces(cluster, files)).filter(({ role }) => role !== 'log')
  const byDevice = new Map<number, { readonly roles: string[]; readonly path: string; readonly use: VolumeUse }>()
  for (const place of places) {
    const use = await measure(files, place)
    if (use === undefined) continue
    const known = byDevice.get(use.device)
    if (known === undefined) byDevice.set(use.device, { roles: [place.role], path: place.path, use })
    else known.roles.push(place.role)
  }
  return [...byDevice.values()].map(({ roles, path, use }) => toRoom(roles, path, use, segmentBytes))
}

async function measure(files: Files, { role, path }: Place): Promise<VolumeUse | undefined> {
  try {
    return await files.volume(path)
  } catch (error) {
    if (!(error instanceof OutsideError) || (VITAL.includes(role) && error.code !== 'ENOENT')) throw error
    return undefined
  }
}

export function toRoom(roles: readonly string[], path: string, use: VolumeUse, segmentBytes: number | undefined): Room {
  const { device, availableBytes, freeInodes, totalInodes } = use
  return { roles, path, device, availableBytes, freeInodes, countsInodes: totalInodes > 0, ...computeNeeds(roles, segmentBytes) }
}

/** The size of a WAL file; `undefined` when the control file cannot tell. Rejects with `OutsideError`. */
export async function readSegmentBytes({ dataDirectory }: Cluster, files: Files): Promise<number | undefined> {
  const bytes = await files.read(`${dataDirectory}/global/pg_control`, { maxBytes: CONTROL_FILE_BYTES })
  const read = bytes && parseControlFile(bytes)
  return read?.ok ? read.controlFile.walSegmentBytes : undefined
}
