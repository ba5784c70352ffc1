import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestCluster } from './cluster.ts'
import { BINARY_DIRECTORY } from './cluster.ts'
import { killServers } from './cluster-processes.ts'

/** A streaming physical standby of a throwaway cluster, on the next port in the same socket directory. */
export interface TestStandby {
  readonly port: number
  readonly dataDirectory: string
  psql(sql: string): Promise<string>
  stop(): Promise<void>
}

/** Makes and starts one; it ends with the test. */
export async function makeStandby(
  t: { teardown(handler: () => Promise<void>): unknown },
  test: TestCluster,
  settings = '',
): Promise<TestStandby> {
  const { socketDirectory } = test.cluster
  const dataDirectory = join(test.directory, 'standby')
  const port = test.cluster.port + 1
  const from = ['-h', socketDirectory, '-p', String(test.cluster.port), '-U', 'postgres']
  await test.runAsOwner(join(BINARY_DIRECTORY, 'pg_basebackup'), [...from, '-D', dataDirectory, '-R', '-X', 'stream', '-c', 'fast'])
  await appendFile(join(dataDirectory, 'postgresql.conf'), `port = ${port}\n${settings}\n`)
  const pgCtl = (...args: string[]) => test.runAsOwner(join(BINARY_DIRECTORY, 'pg_ctl'), ['-D', dataDirectory, '-s', '-w', ...args])
  await pgCtl('-l', join(test.directory, 'standby.log'), 'start')
  const stop = (): Promise<void> => killServers(dataDirectory, { reaped: false })
  t.teardown(stop)
  return {
    port,
    dataDirectory,
    stop,
    async psql(sql) {
      const session = ['-h', socketDirectory, '-p', String(port), '-U', 'postgres', '-d', 'app']
      const { stdout } = await test.runAsOwner(join(BINARY_DIRECTORY, 'psql'), ['-XAtq', '-v', 'ON_ERROR_STOP=1', ...session, '-c', sql])
      return stdout.trimEnd()
    },
  }
}
