import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { loginOf } from '../client.ts'
import type { DemoCluster } from '../cluster.ts'
import type { Scene } from '../scene.ts'
import { isOver, untilOver } from '../scene.ts'
import type { Stage } from '../stage.ts'

const BLOCK = Buffer.alloc(64 * 1024)

/** Writes until the disk is full. */
function fillUp(path: string): void {
  const file = openSync(path, 'w')
  try {
    for (;;) writeSync(file, BLOCK)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}

/** The application goes on writing, here nothing but write-ahead log, until the server fails; resolves to its last words. */
async function writeUntilRefused(cluster: DemoCluster): Promise<string> {
  const session = new pg.Client({ ...loginOf(cluster), query_timeout: 10_000 })
  session.on('error', () => undefined)
  try {
    await session.connect()
    for (;;) await session.query(`select pg_logical_emit_message(true, 'orders', repeat('x', 500000))`)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    void session.end().catch(() => undefined)
  }
}

/** How long pgwatchd has to recover on what it can free by itself, before a person makes room. */
const PATIENCE_MS = 6_000

async function waitForHelpOrRecovery(stage: Stage, sinceMs: number): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!isOver(stage, sinceMs) && performance.now() < deadline) await sleep(20)
}

/** Somebody's files fill the disk, and then the write-ahead log has to grow. */
export const fill: Scene = {
  title: 'The disk is full',
  obstacle: (stage) => stage.volume.whyNotSmall,
  async play(stage) {
    const { narrator, cluster, volume } = stage
    const beganMs = performance.now()
    const filler = join(volume.path, 'somebody-elses-file')
    narrator.tell('demo', 'somebody fills the disk to the last byte, and the application goes on writing')
    fillUp(filler)
    narrator.tell('demo', `the application was told: ${await writeUntilRefused(cluster)}`)
    await waitForHelpOrRecovery(stage, beganMs)
    const servedAlone = isOver(stage, beganMs)
    const roomMs = performance.now()
    narrator.tell('demo', 'a person removes the file that filled the disk')
    rmSync(filler)
    await untilOver(stage, beganMs, 25_000)
    const sinceRoom = ((performance.now() - roomMs) / 1_000).toFixed(2)
    const remark = servedAlone ? 'pgwatchd made the room by itself: it gave back its ballast' : `served ${sinceRoom} s after there was room`
    return { broke: 'the disk of the data directory was full, and the write-ahead log had to grow', remark }
  },
}
