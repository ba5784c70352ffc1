import { describeBytes } from '../../../core/disk/bytes.ts'
import type { SpaceHolder } from '../../../core/disk/holder.ts'
import { isCoreFile } from '../../../core/disk/safe-list.ts'
import { findBallastPlaces } from '../ballast-places.ts'
import type { HolderGround, HolderQuestion } from './question.ts'

/** What pgwatchd gives up by itself where it may act: its ballast, and core files. */
export const safeFiles: HolderQuestion = {
  name: 'safe-files',
  ask: async (ground) => [...(await findBallast(ground)), ...(await findCoreFiles(ground))],
}

async function findBallast({ cluster, outside: { files } }: HolderGround): Promise<readonly SpaceHolder[]> {
  const holders: SpaceHolder[] = []
  for (const path of (await findBallastPlaces(cluster, files)).flatMap((place) => place.paths)) {
    const status = await files.status(path)
    if (status?.kind !== 'file') continue
    const { device, allocatedBytes: bytes } = status
    const sentence = `the ballast ${path} holds ${describeBytes(bytes)}`
    const commands = [
      { as: 'shell' as const, text: `sudo -u postgres rm ${path}`, remark: 'gives up the ballast: noise that only takes room' },
    ]
    holders.push({ kind: 'ballast', device, bytes, sentence, commands })
  }
  return holders
}

async function findCoreFiles({ cluster: { dataDirectory }, outside: { files } }: HolderGround): Promise<readonly SpaceHolder[]> {
  const names = ((await files.list(dataDirectory)) ?? []).filter(isCoreFile)
  const statuses = (await Promise.all(names.map((name) => files.status(`${dataDirectory}/${name}`)))).flatMap((status) => status ?? [])
  const [first] = statuses
  if (first === undefined) return []
  const bytes = statuses.reduce((sum, { allocatedBytes }) => sum + allocatedBytes, 0)
  const sentence = `${names.length} core ${names.length === 1 ? 'file' : 'files'} in the data directory hold ${describeBytes(bytes)}`
  return [{ kind: 'core-files', device: first.device, bytes, sentence, commands: [] }]
}
