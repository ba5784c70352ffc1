import t from 'tap'
import type { Damage } from '../../../../src/core/facts.ts'
import { countLeftOut, findDamagedRelations } from '../../../../src/recovery/remedies/damaged/find-damaged-relations.ts'
import type { StepContext } from '../../../../src/recovery/step.ts'
import { createFakePostgres, rejected } from '../../../fakes/postgres.ts'
import { makeFakeGround } from '../../fake-ground.ts'

const signal = new AbortController().signal
const page = (relationPath: string, block = 1): Damage => ({ kind: 'page', relationPath, block, message: 'invalid page' })
const RELATIONS: Readonly<Record<string, object>> = {
  '10': { oid: '20010', kind: 'i', name: 'public.t_pkey' },
  '11': { oid: '20011', kind: 'r', name: 'public.t' },
  '12': { oid: '20012', kind: 't', name: 'pg_toast.pg_toast_20011', is_toast: true },
  '13': { oid: '20013', kind: 'i', name: 'pg_toast.pg_toast_20011_index', is_toast: true },
  '2619': { oid: '2619', kind: 'r', name: 'pg_catalog.pg_statistic' },
}

/** A server with one database and these relations; the damages are known. */
function groundWith(damages: readonly Damage[]) {
  const fakes = makeFakeGround()
  const postgres = createFakePostgres(fakes.clock)
  postgres.onQuery('from pg_catalog.pg_database where oid', [{ datname: 'app' }])
  postgres.onQuery('where datallowconn', [{ datname: 'app' }])
  postgres.onQuery('pg_filenode_relation', ({ text }) => {
    const filenode = /pg_filenode_relation\(\d+, (\d+)\)/.exec(text)?.[1] ?? ''
    const found = RELATIONS[filenode]
    return found === undefined ? [] : [{ database: 'app', path: `base/5/${filenode}`, is_toast: false, bytes: '8192', ...found }]
  })
  postgres.onQuery("c.relname = 't_pkey'", [{ database: 'app', path: 'base/5/10', is_toast: false, bytes: '8192', ...RELATIONS['10'] }])
  const context: StepContext = {
    ...fakes.ground,
    outside: { ...fakes.ground.outside, postgres },
    damages,
    recall: () => undefined,
    note: async () => undefined,
  }
  return { context, postgres }
}

t.test('damages of one file are one subject, and what others are built from comes first', async (t) => {
  const { context } = groundWith([
    page('base/5/10'),
    page('base/5/11_vm'),
    page('base/5/11', 1),
    page('base/5/11', 2),
    page('base/5/12'),
    page('base/5/13'),
    page('base/5/2619'),
  ])
  const targets = await findDamagedRelations(context, signal)
  t.strictSame(
    targets.map(({ name }) => name),
    [
      'pg_catalog.pg_statistic in app',
      'pg_toast.pg_toast_20011_index in app',
      'pg_toast.pg_toast_20011 in app',
      'public.t in app',
      'public.t_pkey in app',
      'the vm of public.t in app',
    ],
  )
  t.equal(targets[3]?.subject.damages.length, 2)
})

t.test('an index that is named by its file and by its name is one subject', async (t) => {
  const named: Damage = { kind: 'index', relationPath: 't_pkey', block: 3, message: 'index "t_pkey" contains unexpected zero page' }
  const { context } = groundWith([page('base/5/10'), named])
  t.strictSame(
    (await findDamagedRelations(context, signal)).map(({ name }) => name),
    ['public.t_pkey in app'],
  )
})

t.test('what nothing belongs to any more is no subject, and what cannot be asked is one without a relation', async (t) => {
  t.same(await findDamagedRelations(groundWith([page('base/5/99'), page('pg_xact/0000')]).context, signal), [])
  const { context, postgres } = groundWith([page('base/5/11')])
  postgres.onOpen('superuser', rejected('XX001', 'invalid page in block 1 of relation base/5/1259'))
  const [target] = await findDamagedRelations(context, signal)
  t.match(target, { name: 'base/5/11', subject: { relation: undefined, unknownWhy: /XX001 invalid page/ } })
})

t.test('a shared catalog is asked for in its own tablespace', async (t) => {
  const { context, postgres } = groundWith([page('global/1260')])
  await findDamagedRelations(context, signal)
  t.match(postgres.statements.at(-1)?.text, /pg_filenode_relation\(1664, 1260\)/)
})

t.test('what is beyond the limit is counted', async (t) => {
  const many = Array.from({ length: 23 }, (_, index) => page(`base/5/${index + 100}`))
  t.equal(countLeftOut(groundWith(many).context), 3)
})
