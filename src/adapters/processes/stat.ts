/** What `/proc/PID/stat` tells; counters and times in clock ticks. */
export interface ProcessStat {
  readonly state: string
  readonly parentPid: number
  readonly cpuTicks: number
  readonly startTimeTicks: number
}

/**
 * Reads the line of `/proc/PID/stat` (proc(5)). The program's name stands in parentheses and may itself hold blanks
 * and parentheses, so fields are counted from the last one. `undefined` when the line is not whole.
 */
export function parseStat(line: string): ProcessStat | undefined {
  const fields = line
    .slice(line.lastIndexOf(')') + 1)
    .trim()
    .split(' ')
  const state = fields[0]
  const [parentPid, userTicks, systemTicks, startTimeTicks] = [1, 11, 12, 19].map((index) => Number(fields[index] ?? 'missing'))
  if (state === undefined || state === '' || parentPid === undefined || userTicks === undefined) return undefined
  if (systemTicks === undefined || startTimeTicks === undefined || Number.isNaN(parentPid + userTicks + systemTicks + startTimeTicks))
    return undefined
  return { state, parentPid, cpuTicks: userTicks + systemTicks, startTimeTicks }
}

/** `rchar` + `wchar` of the text of `/proc/PID/io`; `undefined` when they are not there. */
export function parseIoBytes(text: string): number | undefined {
  const [read, written] = ['rchar', 'wchar'].map((name) => new RegExp(`^${name}: (\\d+)$`, 'm').exec(text)?.[1])
  return read === undefined || written === undefined ? undefined : Number(read) + Number(written)
}

/** Whether SIGKILL waits to be delivered, by the text of `/proc/PID/status`: bit 8 of the thread's or the process's pending signals. */
export function parseKillPending(text: string): boolean {
  const masks = [...text.matchAll(/^(?:SigPnd|ShdPnd):\s+([0-9a-f]+)$/gm)]
  return masks.some(([, mask]) => (BigInt(`0x${mask ?? '0'}`) & 0x100n) !== 0n)
}

/** Functions of the text of `/proc/PID/stack`: lines such as `[<0>] percpu_rwsem_wait+0x15f/0x1d0`. */
export function parseKernelStack(text: string): readonly string[] {
  return [...text.matchAll(/^\[<[0-9a-fx]*>\] ([\w.]+)\+0x/gm)].map(([, name]) => name ?? '')
}

/**
 * The `nattch` column of the line with that `shmid` in the text of `/proc/sysvipc/shm`; 0 when there is none, or when it has
 * another key. A segment that is marked to be destroyed has key 0 and counts. The kernel prints keys as signed numbers,
 * postmaster.pid as unsigned ones.
 */
export function parseAttachments(text: string, id: number, key?: number): number {
  const row = segmentRow(text, id)
  const matches = key === undefined || [key >>> 0, 0].includes(Number(row?.[0]) >>> 0)
  return matches ? Number(row?.[6] ?? 0) : 0
}

/** Whether the segment is in the text of `/proc/sysvipc/shm`, with this key. */
export function hasSegment(text: string, id: number, key: number): boolean {
  const row = segmentRow(text, id)
  return row !== undefined && Number(row[0]) >>> 0 === key >>> 0
}

/** The columns of the line with that `shmid`. */
function segmentRow(text: string, id: number): readonly string[] | undefined {
  const rows = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
  return rows.find((columns) => Number(columns[1]) === id)
}
