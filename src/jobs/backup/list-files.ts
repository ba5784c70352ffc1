import type { Files } from '../../ports/files.ts'

/** Every regular file below `directory`, by its path from there, sorted; links are not followed. */
export async function listFilesBelow(files: Files, directory: string, prefix = ''): Promise<readonly string[]> {
  const found: string[] = []
  for (const name of (await files.list(`${directory}/${prefix}`)) ?? []) {
    const path = `${prefix}${name}`
    const status = await files.status(`${directory}/${path}`)
    if (status?.kind === 'directory') found.push(...(await listFilesBelow(files, directory, `${path}/`)))
    else if (status?.kind === 'file') found.push(path)
  }
  return found
}
