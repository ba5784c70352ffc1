/** One line of `/proc/PID/mountinfo`. */
export interface Mount {
  readonly mountPoint: string
  /** "8:1" */
  readonly deviceNumber: string
  /** `ext4`, `xfs`, `btrfs`, `tmpfs`. */
  readonly type: string
  /** `/dev/sda1` */
  readonly source: string
  /** The file system itself may not be written, by whichever mount. */
  readonly readOnly: boolean
}

/** ext4 of newer kernels tells by a word of its own that it has gone read-only over an error. */
const READ_ONLY = ['ro', 'emergency_ro']

/** Every mount, in the order of the file: a later one hides an earlier one at the same place. */
export function parseMountInfo(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? [])
}

/** The mount that holds `path`, which must be absolute and without links. */
export function findMount(mounts: readonly Mount[], path: string): Mount | undefined {
  const holding = mounts.filter(({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`))
  const longest = Math.max(...holding.map(({ mountPoint }) => mountPoint.length))
  return holding.findLast(({ mountPoint }) => mountPoint.length === longest)
}

/** `36 35 98:0 /root /mount/point rw,noatime shared:1 - ext4 /dev/sda1 rw,errors=continue`; the optional fields vary in number. */
function parseLine(line: string): Mount | undefined {
  const [before, after] = line.split(' - ')
  const [, , deviceNumber, , mountPoint] = before?.split(' ') ?? []
  const [type, source, options] = after?.split(' ') ?? []
  if (deviceNumber === undefined || mountPoint === undefined || type === undefined || source === undefined || options === undefined)
    return undefined
  return {
    mountPoint: unescape(mountPoint),
    deviceNumber,
    type,
    source: unescape(source),
    readOnly: options.split(',').some((option) => READ_ONLY.includes(option)),
  }
}

/** Blanks and backslashes are written as `\040`. */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}
