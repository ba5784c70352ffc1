import type { Hindrance } from '../../core/hindrance.ts'
import { findExpectedMounts } from '../../core/linux/fstab.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { HindranceGround, Inspected } from './ground.ts'
import { unstartable } from './ground.ts'
import { parseControlFile, CONTROL_FILE_BYTES } from '../../core/postgres/control-file.ts'

const FSTAB_BYTES = 64 * 1024
const IN_THE_WAY = ['lost+found']

/** The data directory, if it is there and is one; otherwise what is in its place. Rejects with `OutsideError`. */
export async function inspect(ground: HindranceGround): Promise<{ readonly inspected: Inspected } | { readonly hindrance: Hindrance }> {
  const { dataDirectory } = ground.cluster
  const { files } = ground.outside
  try {
    const real = await files.resolve(dataDirectory)
    const directory = real === undefined ? undefined : await files.status(real)
    if (directory === undefined) return { hindrance: await absent(ground, `${dataDirectory} does not exist`) }
    const names = (await files.list(dataDirectory)) ?? []
    if (names.every((name) => IN_THE_WAY.includes(name) || name.startsWith('.')))
      return { hindrance: await absent(ground, `${dataDirectory} is empty`) }
    const bytes = await files.read(`${dataDirectory}/global/pg_control`, { maxBytes: CONTROL_FILE_BYTES })
    const control = bytes && parseControlFile(bytes)
    return { inspected: { ...ground, directory, names, control, controlFile: control?.ok ? control.controlFile : undefined } }
  } catch (error) {
    if (!(error instanceof OutsideError) || !['EACCES', 'EPERM'].includes(error.code)) throw error
    return { hindrance: hidden(ground, error) }
  }
}

/** Where data should be and nothing is, a volume is missing; to make a cluster there would hide the one on it. */
async function absent({ cluster, outside }: HindranceGround, sentence: string): Promise<Hindrance> {
  const fstab = (await outside.files.readText('/etc/fstab', { maxBytes: FSTAB_BYTES })) ?? ''
  const [expected] = findExpectedMounts(fstab, cluster.dataDirectory)
  const mount = expected?.mountPoint
  return unstartable(cluster.dataDirectory, `${sentence}: its volume is not mounted, or it was moved away`, {
    evidence: [
      ...(mount === undefined ? [] : [`/etc/fstab has ${expected?.device} for ${mount}`]),
      'nothing is made in its place: a new cluster there would hide the data that comes back with the volume',
    ],
    commands: [
      { shell: mount === undefined ? `findmnt -T ${cluster.dataDirectory}; cat /etc/fstab` : `findmnt ${mount} || sudo mount ${mount}` },
    ],
  })
}

function hidden({ cluster }: HindranceGround, error: OutsideError): Hindrance {
  return unstartable(cluster.dataDirectory, `the data directory may not be looked at: ${error.message}`, {
    evidence: ['a server that runs as the same user could not use it either'],
    commands: [{ shell: `namei -l ${cluster.dataDirectory}/global/pg_control` }],
  })
}
