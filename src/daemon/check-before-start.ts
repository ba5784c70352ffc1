import type { Cluster } from '../core/cluster.ts'
import { findExpectedMounts } from '../core/linux/fstab.ts'
import { findMount, parseMountInfo } from '../core/linux/mount-info.ts'
import { describeRefusal } from '../core/postgres/configuration-fault.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Outside } from '../ports/outside.ts'
import { findConfigurationError } from '../probes/facts/configuration-error.ts'
import { findHindrances } from '../recovery/hindrances/index.ts'

/** The code of a failure that a server's own configuration is the reason of. */
export const CONFIGURATION_REFUSED = 'configuration-refused'

const MOUNTS_BYTES = 256 * 1024

/** Why the server must not be started, or could not start; looks only. Where it cannot be told, the start itself will. */
export async function checkBeforeStart(cluster: Cluster, outside: Outside, signal: AbortSignal): Promise<OutsideError | undefined> {
  return (
    (await checkMounts(cluster, outside)) ??
    (await checkDirectory(cluster, outside)) ??
    (await checkConfiguration(cluster, outside, signal))
  )
}

/** Files below the place of a volume that is not mounted are others than those on the volume. */
async function checkMounts({ name, dataDirectory }: Cluster, { files }: Outside): Promise<OutsideError | undefined> {
  const fstab = (await files.readText('/etc/fstab', { maxBytes: MOUNTS_BYTES })) ?? ''
  const mounted = await files.readText('/proc/self/mountinfo', { maxBytes: MOUNTS_BYTES })
  if (mounted === undefined) return undefined
  const path = (await files.resolve(dataDirectory)) ?? dataDirectory
  for (const { device, mountPoint } of findExpectedMounts(fstab, path)) {
    const place = (await files.resolve(mountPoint)) ?? mountPoint
    if (findMount(parseMountInfo(mounted), place)?.mountPoint === place) continue
    const reason = `${dataDirectory} lies below ${mountPoint}, for which /etc/fstab has ${device}, and nothing is mounted there`
    return refusal(name, 'not-mounted', reason, `mount it first: sudo mount ${mountPoint}`)
  }
  return undefined
}

async function checkDirectory(cluster: Cluster, outside: Outside): Promise<OutsideError | undefined> {
  const hindrances = await findHindrances({ cluster, outside, incidentDirectory: undefined })
  const [first] = hindrances
  if (first === undefined) return undefined
  const reason = [...hindrances.map(({ sentence }) => sentence), ...first.evidence].join('; ')
  const commands = first.commands.flatMap((command) => ('shell' in command ? [command.shell] : []))
  return refusal(cluster.name, 'unstartable', reason, commands.length === 0 ? '' : `try: ${commands.join(', or ')}`)
}

async function checkConfiguration(cluster: Cluster, { commands }: Outside, signal: AbortSignal): Promise<OutsideError | undefined> {
  const refused = await findConfigurationError(cluster, commands, signal)
  if (refused.status !== 'found') return undefined
  const reason = `the server refuses its configuration: ${describeRefusal(refused.value).join('; ')}`
  return refusal(cluster.name, CONFIGURATION_REFUSED, reason, 'correct what is named and start again')
}

/** A start that does not come about. */
export function refusal(cluster: string, code: string, reason: string, hint: string): OutsideError {
  return new OutsideError({ operation: 'start', object: `the server of ${cluster}`, code, reason, hint })
}
