import { PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import type { StepContext } from '../step.ts'

const BLOCKS_PER_SEGMENT = 131_072

/** Where a page of a relation's fork lies. */
export interface PagePlace {
  /** Below the data directory, with the segment: "base/16384/16471.1". */
  readonly path: string
  readonly offset: number
}

/** The place of a block of a relation; `relationPath` as the server names it. */
export function placeOf(relationPath: string, block: number): PagePlace {
  const segment = Math.floor(block / BLOCKS_PER_SEGMENT)
  return { path: `${relationPath}${segment === 0 ? '' : `.${segment}`}`, offset: (block % BLOCKS_PER_SEGMENT) * PAGE_BYTES }
}

/** The page as it is on disk; `undefined` where there is none, or only a part of one. */
export async function readPageOnDisk(context: StepContext, relationPath: string, block: number): Promise<Uint8Array | undefined> {
  const { path, offset } = placeOf(relationPath, block)
  const bytes = await context.outside.files.read(`${context.cluster.dataDirectory}/${path}`, { maxBytes: PAGE_BYTES, offset })
  return bytes?.length === PAGE_BYTES ? bytes : undefined
}
