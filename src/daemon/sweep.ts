import { isTemporary, type Files } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'

const MAXIMUM_DEPTH = 3

/** Removes the temporary files of writes that a kill cut short, in a folder of pgwatchd's own. What cannot be removed now stays. */
export async function sweep(files: Files, folder: string, depth = 0): Promise<void> {
  if (depth > MAXIMUM_DEPTH) return
  try {
    for (const name of (await files.list(folder)) ?? []) {
      const path = `${folder}/${name}`
      if (isTemporary(name)) await files.remove(path)
      else if ((await files.status(path))?.kind === 'directory') await sweep(files, path, depth + 1)
    }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
  }
}
