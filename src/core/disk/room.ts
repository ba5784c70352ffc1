import { megabytes } from './bytes.ts'
import type { Freeable } from './safe-list.ts'

/** Room on one file system that the server must be able to write. */
export interface Room {
  /** What the cluster keeps there: `data`, `wal`, `tablespace 16400`. */
  readonly roles: readonly string[]
  /** The first of these places, links resolved. */
  readonly path: string
  readonly device: number
  /** As the server's user may use it: blocks reserved for root do not count. */
  readonly availableBytes: number
  readonly freeInodes: number
  /** False for a file system without a fixed number of inodes. */
  readonly countsInodes: boolean
  /** What must be free for the server to work. */
  readonly neededBytes: number
  /** What should be, where a full disk is the cause: redo may extend files again before it can free anything. */
  readonly wantedBytes: number
}

/** initdb's default. */
const USUAL_SEGMENT_BYTES = 16 << 20
const NEEDED_SEGMENTS = 2
const WANTED_SEGMENTS = 8
/** Lock file, statistics, temporary files: what a start writes beside WAL. */
const BESIDE_WAL_BYTES = 8 << 20
const NEEDED_INODES = 16

/**
 * Two WAL segments and a little must be free where the server keeps its data or its WAL: without them neither a shutdown
 * checkpoint nor a recovery can end, and so cannot free what it no longer needs. A tablespace alone needs the little.
 */
export function computeNeeds(roles: readonly string[], segmentBytes = USUAL_SEGMENT_BYTES): Pick<Room, 'neededBytes' | 'wantedBytes'> {
  const holdsWal = roles.includes('data') || roles.includes('wal')
  const neededBytes = BESIDE_WAL_BYTES + (holdsWal ? NEEDED_SEGMENTS * segmentBytes : 0)
  return { neededBytes, wantedBytes: holdsWal ? BESIDE_WAL_BYTES + WANTED_SEGMENTS * segmentBytes : 2 * BESIDE_WAL_BYTES }
}

/** Whether the server could not work there. */
export function isShort(room: Room): boolean {
  return lacksBytes(room) || lacksInodes(room)
}

/** Whether giving back what stands on the safe list there would let the server work. */
export function isMendable(room: Room, freeable: Freeable): boolean {
  const bytesSuffice = room.availableBytes + freeable.bytes >= room.neededBytes
  return bytesSuffice && (!lacksInodes(room) || room.freeInodes + freeable.inodes >= NEEDED_INODES)
}

/** Whether it would at least give some of what is lacking. */
export function isHelped(room: Room, freeable: Freeable): boolean {
  return (lacksBytes(room) && freeable.bytes > 0) || (lacksInodes(room) && freeable.inodes > 0)
}

export function lacksBytes(room: Pick<Room, 'availableBytes' | 'neededBytes'>): boolean {
  return room.availableBytes < room.neededBytes
}

/** "data, wal (/var/lib/postgresql/15/main) has 3 MB free and needs 40 MB", for people. */
export function describeShortage(room: Room): string {
  const place = `${room.roles.join(', ')} (${room.path})`
  if (!lacksBytes(room)) return `${place} has ${room.freeInodes} inodes free and needs ${NEEDED_INODES}`
  return `${place} has ${megabytes(room.availableBytes)} free and needs ${megabytes(room.neededBytes)}`
}

function lacksInodes(room: Room): boolean {
  return room.countsInodes && room.freeInodes < NEEDED_INODES
}
