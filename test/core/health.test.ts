import t from 'tap'
import { type HealthFacts, reportHealth, worstHealth } from '../../src/core/health.ts'
import { crashed, healthy, reading, readingsWith } from '../cli/scripted-daemon.ts'

const HOUR_MS = 3_600_000
const WELL: HealthFacts = {
  cluster: '15-main',
  readings: readingsWith(),
  assessment: healthy,
  dataDirectoryFault: '',
  dataDirectory: '/data',
  longQueries: [],
  backups: { newestWallMs: 98 * HOUR_MS, restorable: { asOfWallMs: 1, tookMs: 1 }, trouble: '' },
  nowWallMs: 100 * HOUR_MS,
  limits: { longQueryMs: 300_000, backupAgeMs: 26 * HOUR_MS },
}
const item = (facts: Partial<HealthFacts>, name: string) => reportHealth({ ...WELL, ...facts }).items.find((each) => each.item === name)

t.test('a healthy cluster is ok in every line', async (t) => {
  const { items } = reportHealth(WELL)
  t.strictSame(
    items.map(({ word }) => word),
    ['ok', 'ok', 'ok', 'ok', 'ok'],
  )
  t.equal(worstHealth(items), 'ok')
})

t.test('each trouble is told in its own line', async (t) => {
  t.match(item({ assessment: crashed }, 'server'), { word: 'critical', detail: /^crashed: / })
  t.match(item({ dataDirectoryFault: 'it is empty' }, 'data directory'), { word: 'critical', detail: '/data: it is empty' })
  t.match(item({ readings: readingsWith({ disk: reading('disk', 'warn', { detail: '84 % used' }) }) }, 'disks'), {
    word: 'warning',
    detail: '84 % used',
  })
  const query = { pid: 7, user: 'app', database: 'shop', runningMs: 720_000, text: "select 1\n  from x where password = 'secret'" }
  t.match(item({ longQueries: [query] }, 'queries'), {
    word: 'warning',
    detail: /1 run for more than 5 min: pid 7 \(app@shop\) for 12 min: select 1 from x/,
  })
  t.notMatch(item({ longQueries: [query] }, 'queries')?.detail, /secret/)
  t.match(item({ longQueries: undefined }, 'queries'), { word: 'unknown' })
})

t.test('backups are judged by age and by proof', async (t) => {
  const backups = { newestWallMs: 98 * HOUR_MS, restorable: null, trouble: '' }
  t.match(item({ backups: null }, 'backups'), { word: 'warning', detail: /none are configured/ })
  t.match(item({ backups: undefined }, 'backups'), { word: 'unknown' })
  t.match(item({ backups }, 'backups'), { word: 'warning', detail: /none was restored for proof/ })
  t.match(item({ backups: { ...backups, newestWallMs: null } }, 'backups'), { word: 'critical' })
  t.match(item({ backups: { ...backups, newestWallMs: HOUR_MS } }, 'backups'), { word: 'warning', detail: /99 h old, more than/ })
  t.match(item({ backups: { ...backups, trouble: 'a byte changed' } }, 'backups'), { word: 'critical', detail: /a byte changed/ })
})
