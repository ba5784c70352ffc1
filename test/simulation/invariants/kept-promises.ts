import { certainInode } from '../certain.ts'
import type { World } from '../world.ts'
import type { Invariant } from './invariant.ts'

type Check = (world: World, given: readonly unknown[]) => string | undefined

/** A file whose whole content, or what was written of it, is on the disk. */
function holds({ machine }: World, path: string, offset: number | 'end', content: string | Uint8Array): string | undefined {
  const inode = certainInode(machine.files.disk, path)
  if (inode === undefined) return `a power cut may take ${path} away`
  const bytes = Buffer.from(content)
  const start = offset === 'end' ? inode.content.length - bytes.length : offset
  const isHeld = Buffer.compare(bytes, inode.durable.subarray(start, start + bytes.length)) === 0
  return isHeld && inode.pending.length === 0 ? undefined : `a power cut may take what was written to ${path} away`
}

function isThere({ machine }: World, path: string): string | undefined {
  return certainInode(machine.files.disk, path) === undefined ? `a power cut may take ${path} away` : undefined
}

function isGone({ machine }: World, path: string): string | undefined {
  const place = machine.files.disk.find(path, false)
  if (place === undefined || place.inode !== undefined) return undefined
  return place.directory.durableEntries.has(place.name) ? `a power cut may bring ${path} back` : undefined
}

/** What each operation of the port promises once it resolves. */
const CHECKS: Readonly<Record<string, Check>> = {
  'files writeDurably': (world, [path, content]) => holds(world, path as string, 0, content as string),
  'files overwrite': (world, [path, offset, content]) => holds(world, path as string, offset as number, content as Uint8Array),
  'files appendDurably': (world, [path, content]) => holds(world, path as string, 'end', content as string),
  'files allocate': (world, [path]) => isThere(world, path as string),
  'files makeDirectory': (world, [path]) => isThere(world, path as string),
  'files copy': (world, [, to]) => isThere(world, to as string),
  'files move': (world, [from, to]) => isThere(world, to as string) ?? isGone(world, from as string),
  'files remove': (world, [path]) => isGone(world, path as string),
}

export const keptPromises: Invariant = {
  name: 'kept-promises',
  meaning: 'what the port says is durable outlives every power cut',
  watch: (world, violate) => ({
    onDone({ operation, object }, given) {
      const check = CHECKS[operation]
      if (check === undefined || world.machine.files.volumeOf(object).isVolatile) return
      const broken = check(world, given)
      if (broken !== undefined) violate(`${operation} came back, and ${broken}`)
    },
  }),
}
