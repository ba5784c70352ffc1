import { mkdirSync } from 'node:fs'
import { run } from '../../system/support/run.ts'

export type FileSystem = 'ext4' | 'xfs'

export const FILE_SYSTEMS: readonly FileSystem[] = ['ext4', 'xfs']

/** xfs refuses to be smaller. */
const SIZE = '320M'

/** A volume of its own in a file; only for a process that has its own mounts, whose end unmounts it. */
export interface LoopVolume {
  readonly mountPoint: string
  mount(): Promise<void>
  unmount(): Promise<void>
}

/** Makes it below `directory`, and mounts it. */
export async function makeLoopVolume(directory: string, fileSystem: FileSystem): Promise<LoopVolume> {
  const [image, mountPoint] = [`${directory}/volume.${fileSystem}`, `${directory}/volume`]
  mkdirSync(mountPoint)
  await run(['truncate', '-s', SIZE, image])
  await run([`mkfs.${fileSystem}`, '-q', image])
  const volume: LoopVolume = {
    mountPoint,
    mount: async () => void (await run(['mount', '-o', 'loop', image, mountPoint])),
    unmount: async () => void (await run(['umount', mountPoint])),
  }
  await volume.mount()
  return volume
}
