import { open, readFile, stat } from 'node:fs/promises'
import { judgePage } from '../../src/core/postgres/page-checksum.ts'
import type { TestCluster } from './cluster.ts'

/** How a page is hurt. */
export const HURTS = {
  /** In the middle, where tuples lie: the header stays readable. */
  tuples: { offset: 4000, bytes: Buffer.alloc(40, 0x5a) },
  /** In the last bytes of the first tuple that was put there. */
  text: { offset: 8185, bytes: Buffer.from('?') },
  header: { offset: 10, bytes: Buffer.alloc(8, 0xff) },
  everything: { offset: 0, bytes: Buffer.alloc(8192, 0xff) },
} as const

/** Overwrites a part of one page on disk, past the server. */
export async function hurtPage(test: TestCluster, relationPath: string, block: number, hurt: keyof typeof HURTS): Promise<void> {
  const { offset, bytes } = HURTS[hurt]
  const file = await open(`${test.cluster.dataDirectory}/${relationPath}`, 'r+')
  await file.write(bytes, 0, bytes.length, block * 8192 + offset)
  await file.sync()
  await file.close()
}

/** Blocks of a relation's first segment that are not whole on disk. */
export async function badBlocks(test: TestCluster, relationPath: string): Promise<readonly number[]> {
  const path = `${test.cluster.dataDirectory}/${relationPath}`
  const bytes = await readFile(path)
  const blocks = Array.from({ length: (await stat(path)).size / 8192 }, (_, block) => block)
  return blocks.filter((block) => !['good', 'new'].includes(judgePage(bytes.subarray(block * 8192, block * 8192 + 8192), block, true)))
}
