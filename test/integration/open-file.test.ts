import { open } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import t from 'tap'
import { createCommands } from '../../src/adapters/commands/commands.ts'
import { findOpenFile } from '../../src/probes/facts/open-file.ts'
import { becomeOwner } from '../support/become-owner.ts'
import { makeCluster } from '../support/cluster.ts'

t.setTimeout(120_000)

/** Reads the cluster's files as root, which the user of the server may not look at. */
const reader = spawn('sh', ['-c', 'read path; exec 3<"$path"; echo opened; read end'], { stdio: ['pipe', 'pipe', 'ignore'] })
t.teardown(() => reader.stdin.end())
becomeOwner()

t.test('a file that another user has open is seen without any privilege', async (t) => {
  const { cluster, psql, stop } = await makeCluster(t)
  const path = `${cluster.dataDirectory}/${await psql(`select pg_relation_filepath('pg_proc')`)}`
  await stop()
  const look = () => findOpenFile(cluster, createCommands(), new AbortController().signal)
  t.equal(await look(), undefined)
  const opened = new Promise((resolve) => reader.stdout.once('data', resolve))
  reader.stdin.write(`${path}\n`)
  await opened
  t.equal(await look(), path.slice(cluster.dataDirectory.length + 1))
  await using own = await open(`${cluster.dataDirectory}/global/pg_control`)
  t.ok(own.fd >= 0)
  reader.stdin.end()
  await new Promise((resolve) => reader.once('close', resolve))
  t.equal(await look(), undefined, 'what pgwatchd itself reads does not count')
})
