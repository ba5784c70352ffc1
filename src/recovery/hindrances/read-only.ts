import type { Mount } from '../../core/linux/mount-info.ts'
import { findMount, parseMountInfo } from '../../core/linux/mount-info.ts'
import type { Hindrance } from '../../core/hindrance.ts'
import type { Finder } from './ground.ts'

const MOUNT_INFO_BYTES = 1 << 20

/** A file system that takes no writes, which a start needs before anything else; the kernel makes one so that it found errors in. */
export const findReadOnly: Finder = async ({ cluster, outside: { files } }) => {
  const mounts = parseMountInfo((await files.readText('/proc/self/mountinfo', { maxBytes: MOUNT_INFO_BYTES })) ?? '')
  const found = new Map<string, Hindrance>()
  for (const place of [cluster.dataDirectory, `${cluster.dataDirectory}/pg_wal`]) {
    const path = await files.resolve(place)
    const mount = path === undefined ? undefined : findMount(mounts, path)
    if (mount?.readOnly === true && !found.has(mount.mountPoint)) found.set(mount.mountPoint, readOnly(place, mount))
  }
  return [...found.values()]
}

function readOnly(place: string, { source, type, mountPoint }: Mount): Hindrance {
  return {
    cause: 'disk-faulty',
    place,
    sentence: `the file system of ${place} is read-only (${source}, ${type}, mounted at ${mountPoint})`,
    evidence: [
      'the kernel makes a file system read-only when it finds errors in it; where a person did so, that person knows',
      'a start could only fail there, and nothing is tried until the file system takes writes again',
    ],
    commands: [{ shell: 'sudo dmesg -T | tail -n 50' }, { shell: `findmnt -T ${place}` }],
  }
}
