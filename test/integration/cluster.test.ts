import { existsSync } from 'node:fs'
import t from 'tap'
import { makeCluster } from '../support/cluster.ts'
import { isAlive, serversIn } from '../support/cluster-processes.ts'

// A machine that runs other tests at the same time is slow; no time is judged here.
t.setTimeout(300_000)

t.test('a throwaway cluster starts, stops, is killed and starts again', async (t) => {
  const made = await makeCluster(t, { authentication: 'scram-sha-256' })
  t.equal(await made.psql('show data_checksums'), 'on')
  t.equal(await made.psql('select 1', { database: 'postgres' }), '1')
  const first = await made.postmasterPid()
  await made.stop()
  t.notOk(isAlive(first))
  await made.start()
  await made.kill()
  t.same(serversIn(made.cluster.dataDirectory), [])
  await made.start()
  t.equal(await made.psql('select current_database()'), 'app')
})

t.test('nothing is left, also of a stopped postmaster', async (t) => {
  let directory = ''
  let dataDirectory = ''
  await t.test('inner', async (t) => {
    const made = await makeCluster(t)
    directory = made.directory
    dataDirectory = made.cluster.dataDirectory
    await made.signalPostmaster('SIGSTOP')
  })
  t.notOk(existsSync(directory))
  t.same(serversIn(dataDirectory), [])
})
