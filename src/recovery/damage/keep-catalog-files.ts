import { findOddity } from '../../core/postgres/heap-page.ts'
import { megabytes } from '../disk/room.ts'
import type { StepContext } from '../step.ts'
import type { BadPage } from './scan-pages.ts'

/** For the copy, for what is built anew, and as much again. */
const ROOM_FACTOR = 3

/** A page with a broken header is not read even so, and zeros in a catalog are the end of its database. */
export function whyNotRewrite(pages: readonly BadPage[]): string | undefined {
  if (pages.length === 0) return 'a file of it is missing: restore it from a backup or a standby'
  for (const { block, verdict, bytes } of pages) {
    const oddity = verdict === 'bad-header' ? 'its header is broken' : findOddity(bytes)
    if (oddity !== undefined) return `block ${block} cannot be read as it is: ${oddity}`
  }
  return undefined
}

/** Every file that the rebuild replaces, and the map that names them. Returns why they could not be kept. */
export async function keepCatalogFiles(context: StepContext, paths: readonly string[]): Promise<string | undefined> {
  const { files } = context.outside
  const { dataDirectory } = context.cluster
  const folder = `${context.incidentDirectory}/catalog`
  const [first = ''] = paths
  const map = `${first.slice(0, first.lastIndexOf('/'))}/pg_filenode.map`
  const present = await presentOf(context, [...paths, map])
  const bytes = present.reduce((total, { sizeBytes }) => total + sizeBytes, 0)
  for (const place of [context.incidentDirectory, dataDirectory]) {
    const { availableBytes } = await files.volume(place)
    if (availableBytes < ROOM_FACTOR * bytes)
      return `its files take ${megabytes(bytes)}, and ${megabytes(availableBytes)} are free in ${place}`
  }
  await files.makeDirectory(folder, 0o700)
  for (const { path } of present) {
    const copy = `${folder}/${path.replaceAll('/', '_')}`
    if ((await files.status(copy)) === undefined) await files.copy(`${dataDirectory}/${path}`, copy, 0o600)
  }
  return undefined
}

async function presentOf(
  { outside, cluster }: StepContext,
  paths: readonly string[],
): Promise<readonly { readonly path: string; readonly sizeBytes: number }[]> {
  const present: { path: string; sizeBytes: number }[] = []
  for (const path of paths) {
    for (let segment = 0; ; segment += 1) {
      const part = segment === 0 ? path : `${path}.${segment}`
      const status = await outside.files.status(`${cluster.dataDirectory}/${part}`)
      if (status === undefined) break
      present.push({ path: part, sizeBytes: status.sizeBytes })
    }
  }
  return present
}
