/** One line of `/proc/self/mountinfo` (proc(5)). */
export interface Mount {
  readonly mountPoint: string
  /** "8:1" */
  readonly deviceNumber: string
  readonly type: string
  /** "/dev/sda1", "tmpfs", "server:/export" */
  readonly source: string
}

/** The mount that holds `path`, an absolute path without links; `undefined` when the text tells of none. */
export function findMount(text: string, path: string): Mount | undefined {
  const holding = text
    .split('\n')
    .flatMap((line) => parseMount(line) ?? [])
    .filter(({ mountPoint }) => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`))
  // Of two at one place the later one lies on top.
  return holding.reduce<Mount | undefined>(
    (best, each) => (each.mountPoint.length >= (best?.mountPoint.length ?? 0) ? each : best),
    undefined,
  )
}

function parseMount(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ')
  const [, , deviceNumber, , mountPoint] = before.split(' ')
  const [type, source] = after.split(' ')
  if (deviceNumber === undefined || mountPoint === undefined || type === undefined || source === undefined) return undefined
  return { mountPoint: unescapeOctal(mountPoint), deviceNumber, type, source: unescapeOctal(source) }
}

/** The kernel writes blanks as `\040`. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
