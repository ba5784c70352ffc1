import { constants } from 'node:fs'
import { dirname, join } from 'node:path'
import { attempt, errnoName } from './failure.ts'
import { permissionsOf } from './look.ts'
import type { FileStats, OpenFile, SystemCalls } from './system-calls.ts'
import { createWith, syncDirectory } from './write.ts'

const CHUNK_BYTES = 1 << 18

export function copy(calls: SystemCalls, from: string, to: string, mode: number): Promise<void> {
  return attempt('copy', `${from} to ${to}`, async () => {
    await copyContent(calls, from, to, mode)
    await syncDirectory(calls, dirname(to))
  })
}

/** Copies a file, link or directory with owner, mode and times, fsynced; on failure nothing of it stays. */
export async function copyWhole(calls: SystemCalls, from: string, to: string): Promise<void> {
  try {
    await copyEntry(calls, from, to)
    await syncDirectory(calls, dirname(to))
  } catch (error) {
    if (errnoName(error) !== 'EEXIST') await calls.rm(to, { recursive: true, force: true }).catch(() => {})
    throw error
  }
}

async function copyEntry(calls: SystemCalls, from: string, to: string): Promise<void> {
  const stats = await calls.lstat(from)
  if (stats.isSymbolicLink()) await calls.symlink(await calls.readlink(from), to)
  else if (stats.isDirectory()) await copyDirectory(calls, from, to, stats)
  else await copyContent(calls, from, to, permissionsOf(stats.mode))
  await keepOwner(calls, to, stats)
  if (!stats.isSymbolicLink()) await calls.utimes(to, stats.atime, stats.mtime)
}

async function copyDirectory(calls: SystemCalls, from: string, to: string, stats: FileStats): Promise<void> {
  await calls.mkdir(to, { mode: permissionsOf(stats.mode) })
  for await (const entry of await calls.opendir(from)) await copyEntry(calls, join(from, entry.name), join(to, entry.name))
  await syncDirectory(calls, to)
}

async function copyContent(calls: SystemCalls, from: string, to: string, mode: number): Promise<void> {
  await using source = await calls.open(from, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    await createWith(calls, to, mode, (target) => pour(source, target))
  } catch (error) {
    if (errnoName(error) !== 'EEXIST') await calls.unlink(to).catch(() => {})
    throw error
  }
}

async function pour(source: OpenFile, target: OpenFile): Promise<void> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  for (;;) {
    const { bytesRead } = await source.read(chunk, 0, chunk.length)
    if (bytesRead === 0) return
    await target.writeFile(chunk.subarray(0, bytesRead))
  }
}

/** Only root may give a file away; for everybody else the copy is their own. */
async function keepOwner(calls: SystemCalls, path: string, stats: FileStats): Promise<void> {
  if (process.geteuid?.() === 0) await calls.lchown(path, stats.uid, stats.gid)
}
