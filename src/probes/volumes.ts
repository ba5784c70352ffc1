import type { VolumeUse } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Look } from './probe.ts'
import { findPlaces } from './space/places.ts'
import type { Place } from './space/places.ts'
import { readSegmentBytes } from './space/rooms.ts'
import type { Volume } from './volume.ts'

/** Tablespaces come and go rarely: so long the server's places are taken to be where they were. */
const PLACES_AGE_MS = 60_000

export interface Unreadable extends Place {
  readonly why: string
}

export interface Measured {
  readonly volumes: readonly Volume[]
  readonly unreadable: readonly Unreadable[]
  /** The size of a WAL file; `undefined` when it is not known. */
  readonly segmentBytes: number | undefined
}

/** Room of every file system that the server writes to. In steady state that is one question to each of them. */
export async function measureAll(look: Look): Promise<Measured> {
  const { memory } = look
  const measured = (await measureAgain(look)) ?? (await measureAnew(look))
  if (measured.unreadable.length > 0) memory.volumes = undefined
  return measured
}

async function measureAnew(look: Look): Promise<Measured> {
  const { cluster, outside, memory } = look
  const measured = await measureVolumes(look, await findPlaces(cluster, outside.files))
  const segmentBytes = await unlessUnreadable(() => readSegmentBytes(cluster, outside.files))
  memory.volumes = { monotonicMs: outside.clock.monotonicMs(), volumes: measured.volumes, segmentBytes }
  return { ...measured, segmentBytes }
}

/** The volumes that were found before; `undefined` when there may be others by now. */
async function measureAgain(look: Look): Promise<Measured | undefined> {
  const known = look.memory.volumes
  if (look.urgent || known === undefined || look.outside.clock.monotonicMs() - known.monotonicMs >= PLACES_AGE_MS) return undefined
  const places = known.volumes.map(({ roles, path }) => ({ role: roles[0] ?? path, path }))
  const { volumes, unreadable } = await measureVolumes(look, places)
  const rolesAt = new Map(known.volumes.map(({ path, roles }) => [path, roles]))
  const isMoved = volumes.length + unreadable.length < places.length
  return isMoved
    ? undefined
    : {
        volumes: volumes.map((volume) => ({ ...volume, roles: rolesAt.get(volume.path) ?? volume.roles })),
        unreadable,
        segmentBytes: known.segmentBytes,
      }
}

async function unlessUnreadable<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof OutsideError) return undefined
    throw error
  }
}

/** Room of every file system below `places`, each once. */
async function measureVolumes({ outside }: Look, places: readonly Place[]): Promise<Omit<Measured, 'segmentBytes'>> {
  const byDevice = new Map<number, Volume>()
  const unreadable: Unreadable[] = []
  for (const { role, path } of places) {
    try {
      const use = await outside.files.volume(path)
      const known = byDevice.get(use.device)
      byDevice.set(use.device, { roles: [...(known?.roles ?? []), role], path: known?.path ?? path, use })
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      unreadable.push({ role, path, why: error.message })
    }
  }
  return { volumes: [...byDevice.values()], unreadable }
}

/** Used shares from 0 to 1 as this process sees them: blocks that are reserved for root count as used. */
export function usedRatios({ totalBytes, availableBytes, totalInodes, freeInodes }: VolumeUse): { bytes: number; inodes: number } {
  const share = (total: number, free: number): number => (total === 0 ? 0 : 1 - free / total)
  return { bytes: share(totalBytes, availableBytes), inodes: share(totalInodes, freeInodes) }
}
