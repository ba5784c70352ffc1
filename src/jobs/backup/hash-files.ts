import type { BackupFile } from '../../core/backup/manifest.ts'
import type { BackupGround, Outcome } from './backup.ts'
import { quietly } from './quietly.ts'

/** Names for one call: far below what the kernel takes. */
const FILES_AT_ONCE = 500

/** Sizes and SHA-256 of files below `directory`, read by `sha256sum` so that the daemon's own loop stays free. */
export async function hashFiles(
  { outside, settings, priority }: BackupGround,
  directory: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Outcome<readonly BackupFile[]>> {
  const hashed: BackupFile[] = []
  for (let start = 0; start < paths.length; start += FILES_AT_ONCE) {
    const some = paths.slice(start, start + FILES_AT_ONCE)
    const result = await outside.commands.run(
      { ...quietly(priority, 'sha256sum', ['--zero', '--', ...some]), workingDirectory: directory, timeoutMs: settings.timeoutMs },
      signal,
    )
    if (result.exitCode !== 0)
      return { ok: false, code: 'disk', why: `sha256sum failed: ${result.stderr.trim() || result.outcome}`, hint: 'look at the volume' }
    const sums = new Map(result.stdout.split('\0').flatMap(toSum))
    for (const path of some) hashed.push(await toFile(outside.files, directory, path, sums.get(path) ?? ''))
  }
  return { ok: true, value: hashed }
}

/** "<64 hexadecimal digits>  <path>" */
function toSum(line: string): readonly (readonly [string, string])[] {
  return line.length > 66 ? [[line.slice(66), line.slice(0, 64)]] : []
}

async function toFile(files: BackupGround['outside']['files'], directory: string, path: string, sha256: string): Promise<BackupFile> {
  const status = await files.status(`${directory}/${path}`)
  return { path, sizeBytes: status?.sizeBytes ?? 0, sha256 }
}
