import { readFile } from 'node:fs/promises'
import t from 'tap'
import { groundOf, overwritePage, pageDamage, pathOf } from '../recovery/real-damage.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { makeCluster } from '../support/cluster.ts'

t.setTimeout(120_000)

t.test('the rows whose long values are lost with a TOAST page are listed by key, and no others', async (t) => {
  const test = await makeCluster(t)
  const { recover, ground } = await makeGround(test)
  await test.psql('create table t (id int primary key, d text); alter table t alter column d set storage external')
  await test.psql(`insert into t select n, repeat(n::text, 3000) from generate_series(1, 200) n`)
  await test.psql(`update t set d = repeat('new', 2000) where id % 20 = 0`)
  await test.psql('checkpoint')
  const path = await pathOf(test, await test.psql(`select reltoastrelid::regclass from pg_class where relname = 't'`))
  await test.stop()
  await overwritePage(test, path, 5, 0xff)
  await test.start()
  t.match(await recover({ plan: 'repair-online', ground: groundOf(pageDamage(path, 5)) }), {
    status: 'held',
    why: /1 damaged pages with long values.* rows of public.t hold them/,
  })
  const listed = (await readFile(`${ground.incidentDirectory}/lost-keys/app.public.t.long-values.txt`, 'utf8')).trimEnd().split('\n')
  const unreadable: string[] = []
  for (let id = 1; id <= 200; id += 1) await test.psql(`select md5(d) from t where id = ${id}`).catch(() => unreadable.push(String(id)))
  t.not(unreadable.length, 0)
  t.strictSame(listed.toSorted(), unreadable.toSorted())
})
