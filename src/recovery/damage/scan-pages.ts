import { judgePage, PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import { readControlFile } from '../server/data-directory.ts'
import type { StepContext } from '../step.ts'

type Ground = Pick<StepContext, 'cluster' | 'outside'>

/** A page whose bytes on disk are damaged. */
export interface BadPage {
  /** Within the relation. */
  readonly block: number
  readonly verdict: 'bad-checksum' | 'bad-header'
  readonly bytes: Uint8Array
}

const BLOCKS_PER_SEGMENT = 131_072
const BLOCKS_PER_READ = 128
const BAD_PAGES_AT_MOST = 1_000
const LOOKS = 4
const LOOK_AGAIN_AFTER_MS = 50

/** A page as it was read from disk. */
export interface DiskPage {
  readonly block: number
  readonly bytes: Uint8Array
  readonly verdict: BadPage['verdict'] | 'whole'
}

/**
 * Every page of a relation's fork from disk past the server's buffers. A page that the server is writing this moment may look torn,
 * so each is read again before it counts as damaged. Rejects with the signal's reason when it aborts: what was not read to its end
 * proves nothing.
 */
export async function* readPages(context: Ground, path: string, signal: AbortSignal): AsyncGenerator<DiskPage> {
  const checksums = (await readControlFile(context))?.checksumsEnabled === true
  for (let block = 0; ;) {
    signal.throwIfAborted()
    const bytes = await readBlocks(context, path, block, BLOCKS_PER_READ)
    const count = Math.floor(bytes.length / PAGE_BYTES)
    if (count === 0) return
    for (let index = 0; index < count; index += 1) {
      const page = pageAt(bytes, index)
      const [bad] = isDamaged(page, block + index, checksums) ? await confirm(context, path, block + index, checksums) : []
      yield bad ?? { block: block + index, bytes: page, verdict: 'whole' }
    }
    block += count
  }
}

/** Its damaged pages; at most 1000. */
export async function scanPages(context: Ground, path: string, signal: AbortSignal): Promise<readonly BadPage[]> {
  const bad: BadPage[] = []
  for await (const { block, bytes, verdict } of readPages(context, path, signal)) {
    if (verdict !== 'whole') bad.push({ block, bytes, verdict })
    if (bad.length >= BAD_PAGES_AT_MOST) break
  }
  return bad
}

/** Those of the blocks whose page is damaged on disk; a block of -1, unknown, is passed over. At most 1000. */
export async function readNamedPages(context: Ground, path: string, blocks: readonly number[]): Promise<readonly BadPage[]> {
  const checksums = (await readControlFile(context))?.checksumsEnabled === true
  const bad: BadPage[] = []
  for (const block of [...new Set(blocks)].slice(0, BAD_PAGES_AT_MOST))
    if (block >= 0) bad.push(...(await confirm(context, path, block, checksums)))
  return bad
}

/** The segment file of a page, as an absolute path, and where the page begins in it. */
export function locatePage({ cluster }: Ground, path: string, block: number): { readonly path: string; readonly offset: number } {
  const segment = Math.floor(block / BLOCKS_PER_SEGMENT)
  return {
    path: `${cluster.dataDirectory}/${path}${segment === 0 ? '' : `.${segment}`}`,
    offset: (block % BLOCKS_PER_SEGMENT) * PAGE_BYTES,
  }
}

/** Up to `count` pages from `block` on, within one segment file; empty at the end of the relation. */
async function readBlocks(context: Ground, path: string, block: number, count: number): Promise<Uint8Array> {
  const { path: file, offset } = locatePage(context, path, block)
  return (await context.outside.files.read(file, { maxBytes: count * PAGE_BYTES, offset })) ?? new Uint8Array()
}

function pageAt(bytes: Uint8Array, index: number): Uint8Array {
  return bytes.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES)
}

function isDamaged(page: Uint8Array, block: number, checksums: boolean): boolean {
  return !['good', 'new'].includes(judgePage(page, block, checksums))
}

/** The page as the last of several looks found it; empty as soon as one finds it whole. */
async function confirm(context: Ground, path: string, block: number, checksums: boolean): Promise<readonly BadPage[]> {
  for (let look = 1; ; look += 1) {
    const bytes = await readBlocks(context, path, block, 1)
    const verdict = bytes.length < PAGE_BYTES ? 'new' : judgePage(bytes, block, checksums)
    if (verdict === 'good' || verdict === 'new') return []
    if (look === LOOKS) return [{ block, verdict, bytes }]
    await context.outside.clock.sleep(LOOK_AGAIN_AFTER_MS)
  }
}
