import type { BackupGround, Refusal } from './backup.ts'

/** Some room stays free beside a backup: whoever else writes there must not find the volume full. */
const RESERVE_RATIO = 0.02

/** Why `neededBytes` do not fit on the volume of the backups; `undefined` when they do. */
export async function findShortage({ outside: { files }, directory }: BackupGround, neededBytes: number): Promise<Refusal | undefined> {
  await files.makeDirectory(directory, 0o700)
  const { availableBytes, totalBytes } = await files.volume(directory)
  const usableBytes = availableBytes - totalBytes * RESERVE_RATIO
  if (usableBytes >= neededBytes) return undefined
  return {
    ok: false,
    code: 'no-room',
    why: `${directory} has ${megabytes(availableBytes)} free, and a backup may need ${megabytes(neededBytes)}`,
    hint: 'make room, let backup.keep and backup.keep_count go lower, or set backup.directory to a larger volume',
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`
}
