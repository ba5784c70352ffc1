import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { serversIn, waitUntil } from '../../support/cluster-processes.ts'
import type { Stage } from './stage.ts'

const BLOCK = Buffer.alloc(64 * 1024)
const GROW_WAL = `select count(pg_logical_emit_message(false, 'filler', repeat('x', 500000))) from generate_series(1, 300)`

/** Takes all room of the volume, and lets the server need more until it is dead; resolves to what a person does about it. */
export async function fillVolume({ volume, server, cluster }: Stage): Promise<() => Promise<void>> {
  const path = `${volume}/somebody-elses-file`
  writeUntilFull(path, BLOCK)
  writeUntilFull(path, BLOCK.subarray(0, 512))
  for (const statement of [GROW_WAL, 'checkpoint']) await server.psql(statement).catch(() => undefined)
  await waitUntil('the server gives up', () => serversIn(cluster.dataDirectory).length === 0)
  writeUntilFull(path, BLOCK.subarray(0, 512))
  return async () => rmSync(path)
}

function writeUntilFull(path: string, block: Buffer): void {
  const file = openSync(path, 'a')
  try {
    for (;;) writeSync(file, block)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}
