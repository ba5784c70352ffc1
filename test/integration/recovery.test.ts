import t from 'tap'
import { makeCluster } from '../support/cluster.ts'
import { makeGround } from '../recovery/real-ground.ts'

t.test('a crashed server serves again, with every committed row', async (t) => {
  const test = await makeCluster(t)
  const { recover, told } = await makeGround(test)
  await test.psql('create table t as select generate_series(1, 1000) as id')
  await test.kill()
  const outcome = await recover()
  t.match(outcome, { status: 'succeeded', notDone: [], notUndone: [] }, told.join('\n'))
  t.equal(await test.psql('select count(*) from t'), '1000')
  console.error(told.join('\n'), outcome)
})
