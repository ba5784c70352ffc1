import { readFile, rm } from 'node:fs/promises'
import t from 'tap'
import type { Journal } from '../../src/recovery/pipeline.ts'
import { makeGround } from '../recovery/real-ground.ts'
import { damagePage, groundOf, pageDamage, pathOf } from '../recovery/real-damage.ts'
import { makeCluster } from '../support/cluster.ts'

t.setTimeout(300_000)

t.test(
  'an attempt that was killed once the table was rewritten, and before it could tell what that cost, tells it when it is taken up',
  async (t) => {
    const test = await makeCluster(t)
    const { recover, told, ground, store } = await makeGround(test)
    await test.psql(`create table t (id int primary key, name text); insert into t select n, 'name ' || n from generate_series(1, 5000) n`)
    await test.psql('vacuum t')
    const path = await pathOf(test, 't')
    const lost = await test.psql(`select id from t where (ctid::text::point)[0] = 7 order by id::text`)
    await test.stop()
    await damagePage(test, path, 7)
    await test.start()
    let underWay: Promise<Journal | undefined> | undefined
    const report = (sentence: string): void => {
      told.push(sentence)
      if (sentence.startsWith('rewriting')) underWay = store.load()
    }
    const damaged = groundOf(pageDamage(path, 7))
    t.match(await recover({ plan: 'repair-online', ground: { ...damaged, report } }), { status: 'succeeded' }, told.join('\n'))
    const list = `${ground.incidentDirectory}/lost-keys/app.public.t.txt`
    await rm(list)

    const journal = await underWay
    if (journal === undefined) throw new Error(`no rewrite was under way: ${told.join('\n')}`)
    const resumed = await recover({ plan: 'repair-online', ground: damaged, resumeFrom: journal })
    const keys = String(lost.split('\n').length)
    t.match(resumed, { status: 'succeeded', done: [/./, new RegExp(`rewrote public.t .* 1 damaged pages; ${keys} keys are lost`)] })
    t.equal((await readFile(list, 'utf8')).trim(), lost)
  },
)
