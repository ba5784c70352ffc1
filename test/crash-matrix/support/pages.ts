import { readFileSync } from 'node:fs'
import { PAGE_BYTES } from '../../../src/core/postgres/page-checksum.ts'
import { badBlocks, damagePage, pathOf } from '../../recovery/real-damage.ts'
import type { Stage } from './stage.ts'

/** One page that is damaged on disk, and in no buffer of the server. */
export interface DamagedPage {
  /** The bytes as they are now. */
  readonly image: Buffer
  isMended(): Promise<boolean>
}

/** Damages one page of a relation's file, or of another fork, while the server is down, and starts it again. */
export async function damageOnDisk({ server, cluster }: Stage, relation: string, block: number, fork = ''): Promise<DamagedPage> {
  const path = `${await pathOf(server, relation)}${fork}`
  await server.stop()
  await damagePage(server, path, block)
  const image = readFileSync(`${cluster.dataDirectory}/${path}`).subarray(block * PAGE_BYTES, (block + 1) * PAGE_BYTES)
  await server.start()
  return {
    image,
    async isMended() {
      await server.psql('checkpoint')
      return !(await badBlocks(server, path)).includes(block)
    },
  }
}
