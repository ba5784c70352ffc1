import { crc32 } from 'node:zlib'
import { statePaths } from '../../src/daemon/compose.ts'
import { parseState } from '../../src/daemon/state-file.ts'
import type { State } from '../../src/core/state.ts'
import type { Journal } from '../../src/recovery/pipeline.ts'
import type { Disk } from '../fakes/disk/disk.ts'
import type { Inode } from '../fakes/disk/inode.ts'
import { isNameDurable } from '../fakes/disk/names.ts'
import { STATE_DIRECTORY } from './world.ts'

const PATHS = statePaths(STATE_DIRECTORY)
const CLUSTER = '15-main'
const HEADER_BYTES = 64
const HEADER = /^pgwatchd-slot 1 (\d+) (\d+) ([0-9a-f]{8}) *\n$/

/** The file that a path names whatever a power cut leaves; `undefined` when that is not certain. */
export function certainInode({ root }: Disk, path: string): Inode | undefined {
  let inode: Inode | undefined = root
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (inode === undefined || !isNameDurable(inode, name)) return undefined
    inode = inode.durableEntries.get(name)
  }
  return inode
}

/** The state that a power cut at this moment cannot take away. */
export function certainState(disk: Disk): State | undefined {
  const text = newestSlot(certainInode(disk, PATHS.state(CLUSTER)), 16 * 1024)?.text
  return text === undefined ? undefined : parseState(text)
}

/** Where a cluster's state and journal are kept, with the size of a slot. */
export const CLUSTER_PATHS: ReadonlyMap<string, number> = new Map([
  [PATHS.state(CLUSTER), 16 * 1024],
  [PATHS.journal(CLUSTER), 256 * 1024],
])

/** Which save of the file at `path` is certain to outlive a power cut; 0 when none is. */
export function certainSequence(disk: Disk, path: string): number {
  return newestSlot(certainInode(disk, path), CLUSTER_PATHS.get(path) ?? 0)?.sequence ?? 0
}

/** The same of the journal. */
export function certainJournal(disk: Disk): Journal | undefined {
  const text = newestSlot(certainInode(disk, PATHS.journal(CLUSTER)), 256 * 1024)?.text
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as Journal)
}

interface Slot {
  readonly sequence: number
  readonly text: string
}

/** Read independently of pgwatchd's own code: a slot that is being written counts as torn. */
function newestSlot(inode: Inode | undefined, slotBytes: number): Slot | undefined {
  if (inode === undefined) return undefined
  const slots = [0, slotBytes].flatMap((offset) => {
    const isWritten = inode.pending.some((write) => write.offset < offset + slotBytes && write.offset + write.bytes.length > offset)
    return isWritten ? [] : readSlot(inode.durable.subarray(offset, offset + slotBytes))
  })
  return slots.sort((one, other) => other.sequence - one.sequence)[0]
}

function readSlot(bytes: Uint8Array): Slot[] {
  const header = HEADER.exec(Buffer.from(bytes.subarray(0, HEADER_BYTES)).toString('latin1'))
  if (header === null) return []
  const body = bytes.subarray(HEADER_BYTES, HEADER_BYTES + Number(header[2]))
  const checksum = crc32(body, crc32(String(Number(header[1]))))
    .toString(16)
    .padStart(8, '0')
  return checksum === header[3] ? [{ sequence: Number(header[1]), text: Buffer.from(body).toString('utf8') }] : []
}
