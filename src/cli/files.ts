import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A file or directory as read, or the errno name (`ENOENT`, `EACCES`) of why it could not be. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly code: string }

async function attempt<T>(work: () => Promise<T>): Promise<Read<T>> {
  try {
    return { ok: true, value: await work() }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    return { ok: false, code }
  }
}

/** A whole text file; `-` is the standard input. */
export async function readText(path: string): Promise<Read<string>> {
  return await attempt(() => readFile(path === '-' ? '/dev/stdin' : path, 'utf8'))
}

/** The names of the directories in `path`, sorted. */
export async function listDirectories(path: string): Promise<Read<readonly string[]>> {
  return await attempt(async () => {
    const entries = await readdir(path, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort()
  })
}

/** The files below `path` with their sizes, by relative name, sorted; at most 1,000. */
export async function listFiles(path: string): Promise<Read<readonly { readonly name: string; readonly sizeBytes: number }[]>> {
  return await attempt(async () => {
    const names = (await readdir(path, { recursive: true })).sort().slice(0, 1_000)
    const files = await Promise.all(names.map(async (name) => ({ name, status: await stat(join(path, name)) })))
    return files.filter(({ status }) => status.isFile()).map(({ name, status }) => ({ name, sizeBytes: status.size }))
  })
}

/** What an errno name says, in words. */
export function explainCode(code: string): string {
  const words: Readonly<Record<string, string>> = {
    ENOENT: 'there is no such file or directory',
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EISDIR: 'it is a directory',
    ENOTDIR: 'a part of the path is no directory',
  }
  return words[code] ?? code
}
