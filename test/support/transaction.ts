import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { TestCluster } from './cluster.ts'
import { BINARY_DIRECTORY } from './cluster.ts'

/** Runs statements in a transaction of the database `app`, the last of which has to print a row, and stays in it until the result is called. */
export async function holdTransaction({ cluster }: TestCluster, sql: string): Promise<() => Promise<void>> {
  const login = ['-h', cluster.socketDirectory, '-p', String(cluster.port), '-U', 'postgres', '-d', 'app']
  const child = spawn(`${BINARY_DIRECTORY}/psql`, ['-XAtq', ...login], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.write(`begin; ${sql};\n`)
  await once(child.stdout, 'data')
  return async () => {
    child.stdin.end('commit;\n')
    await once(child, 'exit')
  }
}
