import { execFile } from 'node:child_process'
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Variant } from './variant.ts'

const run = promisify(execFile)
const PARTS = ['src', 'test/simulation', 'test/fakes', 'test/core', 'package.json']

/** A copy of the code with one mistake in it. Rejects, and says so, when the patch does not apply to the code as it is. */
export async function makePatchedTree({ path, name }: Variant, project: string): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'pgwatchd-variant-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    for (const part of PARTS) await cp(join(project, part), join(directory, part), { recursive: true })
    await symlink(join(project, 'node_modules'), join(directory, 'node_modules'))
    await run('git', ['apply', '--whitespace=nowarn', path], { cwd: directory, timeout: 10_000 })
    return { directory, [Symbol.asyncDispose]: remove }
  } catch (error) {
    await remove()
    throw new Error(`${name}.patch no longer applies to the code as it is: make it anew`, { cause: error })
  }
}
