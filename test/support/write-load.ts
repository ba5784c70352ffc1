import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import type { TestCluster } from './cluster.ts'
import { BINARY_DIRECTORY } from './cluster.ts'

/** Runs `script` by two clients of pgbench for that long; resolves with how many transactions were acknowledged. */
export async function runLoad(test: TestCluster, script: string, seconds: number): Promise<number> {
  const path = join(test.directory, 'load.sql')
  await writeFile(path, script, { mode: 0o644 })
  const session = ['-h', test.cluster.socketDirectory, '-p', String(test.cluster.port), '-U', 'postgres']
  const run = ['-n', '-f', path, '-T', String(seconds), '-c', '2', '-M', 'simple', 'app']
  const { stdout } = await test.runAsOwner(join(BINARY_DIRECTORY, 'pgbench'), [...session, ...run])
  return Number(/number of transactions actually processed: (\d+)/.exec(stdout)?.[1])
}
