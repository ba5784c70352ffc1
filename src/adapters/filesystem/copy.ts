import { lchown, lstat, mkdir, open, opendir, readlink, symlink, unlink, rm, utimes } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { attempt, errnoName } from './failure.ts'
import { permissionsOf } from './look.ts'
import { createWith, syncDirectory } from './write.ts'

const CHUNK_BYTES = 1 << 18

export function copy(from: string, to: string, mode: number): Promise<void> {
  return attempt('copy', `${from} to ${to}`, async () => {
    await copyContent(from, to, mode)
    await syncDirectory(dirname(to))
  })
}

/** Copies a file, link or directory with owner, mode and times, fsynced; on failure nothing of it stays. */
export async function copyWhole(from: string, to: string): Promise<void> {
  try {
    await copyEntry(from, to)
    await syncDirectory(dirname(to))
  } catch (error) {
    if (errnoName(error) !== 'EEXIST') await rm(to, { recursive: true, force: true }).catch(() => {})
    throw error
  }
}

async function copyEntry(from: string, to: string): Promise<void> {
  const stats = await lstat(from)
  if (stats.isSymbolicLink()) await symlink(await readlink(from), to)
  else if (stats.isDirectory()) await copyDirectory(from, to, stats)
  else await copyContent(from, to, permissionsOf(stats.mode))
  await keepOwner(to, stats)
  if (!stats.isSymbolicLink()) await utimes(to, stats.atime, stats.mtime)
}

async function copyDirectory(from: string, to: string, stats: Stats): Promise<void> {
  await mkdir(to, { mode: permissionsOf(stats.mode) })
  for await (const entry of await opendir(from)) await copyEntry(join(from, entry.name), join(to, entry.name))
  await syncDirectory(to)
}

async function copyContent(from: string, to: string, mode: number): Promise<void> {
  await using source = await open(from, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    await createWith(to, mode, (target) => pour(source, target))
  } catch (error) {
    if (errnoName(error) !== 'EEXIST') await unlink(to).catch(() => {})
    throw error
  }
}

async function pour(source: FileHandle, target: FileHandle): Promise<void> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  for (;;) {
    const { bytesRead } = await source.read(chunk, 0, chunk.length)
    if (bytesRead === 0) return
    await target.writeFile(chunk.subarray(0, bytesRead))
  }
}

/** Only root may give a file away; for everybody else the copy is their own. */
async function keepOwner(path: string, stats: Stats): Promise<void> {
  if (process.geteuid?.() === 0) await lchown(path, stats.uid, stats.gid)
}
