import type { Cluster } from '../../core/cluster.ts'
import type { LogIndicators } from '../../core/facts.ts'
import type { Hardware } from '../../core/hardware.ts'
import type { Mount } from '../../core/linux/mount-info.ts'
import { findMount, parseMountInfo } from '../../core/linux/mount-info.ts'
import type { Reading, Readings } from '../../core/reading.ts'
import type { Hindrance } from '../../core/hindrance.ts'
import type { CommandResult, Commands } from '../../ports/commands.ts'
import type { Files } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { Outside } from '../../ports/outside.ts'
import { unlessUnavailable } from './bounded.ts'

const TIMEOUT_MS = 1_000
const MOUNT_INFO_BYTES = 1 << 20
const MESSAGES_AT_MOST = 8
const LONGEST_MESSAGE = 240

/** What of the kernel's messages concerns storage, whichever it is. */
const STORAGE =
  /I\/O error|Buffer I\/O|blk_update_request|critical (?:medium|target)|EXT4-fs|XFS \(|BTRFS|Remounting filesystem|ata\d+(?:\.\d+)?:|nvme\d|device offline|lost async page write/i

interface Ground {
  readonly cluster: Cluster
  readonly files: Files
  readonly commands: Commands
  readonly signal: AbortSignal
}

/** What may make the storage suspect. */
interface Complaints {
  readonly cluster: Cluster
  readonly outside: Outside
  readonly log: Pick<LogIndicators, 'ioError'>
  readonly readings: Readings
  readonly hindrances: readonly Hindrance[]
}

/** The storage, once the server has reported an error of it, or that it takes no writes, in its log or to a session. */
export async function lookAtSuspect(complaints: Complaints, signal: AbortSignal | undefined): Promise<Hardware | undefined> {
  if (!isSuspect(complaints)) return undefined
  const { cluster, outside } = complaints
  const { clock, files, commands } = outside
  return unlessUnavailable(clock, signal, (deadline) => lookAtHardware({ cluster, files, commands, signal: deadline }))
}

function isSuspect({ log, readings, hindrances }: Complaints): boolean {
  const isSaid = ({ evidence, detail }: Reading): boolean => evidence['sqlState'] === '58030' || detail.endsWith(': Read-only file system')
  return log.ioError || Object.values(readings).some(isSaid) || hindrances.some(({ cause }) => cause === 'disk-faulty')
}

/** Where the data lies, and what the kernel and the disks say of it, as far as this user may read that. To be asked only once storage is suspect. */
export async function lookAtHardware(ground: Ground): Promise<Hardware> {
  const mount = await mountOf(ground)
  const disks = mount === undefined ? [] : await disksOf(ground, mount)
  const [kernel, ...health] = await Promise.all([kernelMessages(ground, mount, disks), ...disks.map((disk) => healthOf(ground, disk))])
  return { disks, sentences: [...(mount === undefined ? [] : [describe(mount, disks)]), ...health, ...kernel] }
}

async function mountOf({ cluster, files }: Ground): Promise<Mount | undefined> {
  const path = await files.resolve(cluster.dataDirectory)
  const text = await files.readText('/proc/self/mountinfo', { maxBytes: MOUNT_INFO_BYTES })
  return path === undefined || text === undefined ? undefined : findMount(parseMountInfo(text), path)
}

/** Of a partition its disk; of a volume of the device mapper those that it is made of. */
async function disksOf({ files }: Ground, { deviceNumber }: Mount): Promise<readonly string[]> {
  const device = await files.resolve(`/sys/dev/block/${deviceNumber}`)
  const [, disk] = /\/block\/([^/]+)/.exec(device ?? '') ?? []
  if (disk === undefined) return []
  const slaves = (await files.list(`/sys/block/${disk}/slaves`)) ?? []
  return slaves.length === 0 ? [disk] : slaves.map((name) => name.replace(/^(nvme\d+n\d+)p\d+$|^([a-z]+)\d+$/, '$1$2'))
}

function describe({ source, type, mountPoint }: Mount, disks: readonly string[]): string {
  return `the data directory lies on ${source} (${type}, mounted at ${mountPoint})${disks.length === 0 ? '' : `, disk ${disks.join(', ')}`}`
}

async function kernelMessages(ground: Ground, mount: Mount | undefined, disks: readonly string[]): Promise<readonly string[]> {
  const journal = await run(ground, 'journalctl', ['-k', '-b', '-q', '-n', '500', '-p', 'warning', '--no-pager', '-o', 'short-iso'])
  const said =
    journal?.exitCode === 0 && journal.stdout.trim() !== ''
      ? journal
      : await run(ground, 'dmesg', ['--level=emerg,alert,crit,err,warn', '-T'])
  if (said?.exitCode !== 0) return ["the kernel's messages may not be read by this user: sudo dmesg -T"]
  const names = [...disks, mount?.source.replace('/dev/', '') ?? ''].filter((name) => name !== '')
  const lines = said.stdout
    .split('\n')
    .filter((line) => STORAGE.test(line) || names.some((name) => line.includes(`${name}:`) || line.includes(`${name},`)))
  if (lines.length === 0) return ['the kernel has logged nothing about storage since it was started']
  return lines.slice(-MESSAGES_AT_MOST).map((line) => `kernel: ${line.trim().slice(0, LONGEST_MESSAGE)}`)
}

/** SMART mostly needs root: that it cannot be read is told with the command that can. */
async function healthOf(ground: Ground, disk: string): Promise<string> {
  const result = await run(ground, 'smartctl', ['-H', `/dev/${disk}`])
  const verdict = /(?:test result|Health Status): *(.+)/.exec(result?.stdout ?? '')?.[1]
  if (verdict !== undefined) return `SMART of ${disk}: ${verdict.trim()}`
  return `SMART of ${disk} ${result === undefined ? 'is not known: smartmontools is not installed' : 'may not be read by this user'}: sudo smartctl -a /dev/${disk}`
}

async function run({ commands, signal }: Ground, file: string, args: readonly string[]): Promise<CommandResult | undefined> {
  try {
    return await commands.run({ file, arguments: args, timeoutMs: TIMEOUT_MS }, signal)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return undefined
  }
}
