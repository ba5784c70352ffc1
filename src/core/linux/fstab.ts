/** What a line of `/etc/fstab` (fstab(5)) promises. */
export interface ExpectedMount {
  /** "/dev/sdb1", "UUID=…", "server:/export" */
  readonly device: string
  readonly mountPoint: string
}

/** The mounts on which `path` would lie when all of `/etc/fstab` were mounted, but for that of the root. */
export function findExpectedMounts(fstab: string, path: string): readonly ExpectedMount[] {
  return fstab.split('\n').flatMap((line) => {
    const [device = '', place = ''] = line.trim().split(/\s+/)
    const mountPoint = place.replaceAll('\\040', ' ').replace(/\/+$/, '')
    const isExpected = !device.startsWith('#') && mountPoint.startsWith('/') && isBelow(path, mountPoint)
    return isExpected ? [{ device, mountPoint }] : []
  })
}

function isBelow(path: string, mountPoint: string): boolean {
  return path === mountPoint || path.startsWith(`${mountPoint}/`)
}
