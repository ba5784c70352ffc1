import fc from 'fast-check'
import t from 'tap'
import type { RetainedBackup } from '../../../src/core/backup/retention.ts'
import { isProved, planRetention } from '../../../src/core/backup/retention.ts'

const DAY = 86_400_000
const NOW = Date.UTC(2026, 10, 25)
const LIMITS = { keepMs: 30 * DAY, keepCount: 2 }
const GOOD = { ok: true, wallMs: NOW, tookMs: 1, detail: 'read' }
const BAD = { ...GOOD, ok: false, detail: 'a byte is wrong' }

function backup(
  id: string,
  ageDays: number,
  standing: RetainedBackup['standing'] = { verified: GOOD },
  base: string | null = null,
): RetainedBackup {
  return { manifest: { id, startedWallMs: NOW - ageDays * DAY, base }, standing }
}

function going(backups: readonly RetainedBackup[]): readonly string[] {
  return planRetention(backups, LIMITS, NOW)
    .verdicts.filter((verdict) => !verdict.keep)
    .map((verdict) => verdict.id)
}

t.test('old ones beyond the newest go, ordered by time and not by name', async (t) => {
  t.strictSame(going([backup('z', 90), backup('a', 1), backup('m', 60), backup('b', 2), backup('y', 20)]), ['m', 'z'])
})

t.test('nothing goes after a failed or unverified newest', async (t) => {
  for (const standing of [{}, { verified: BAD }, { verified: GOOD, drilled: BAD }]) {
    const all = [backup('new', 1, standing), backup('b', 40), backup('c', 50), backup('d', 60)]
    t.strictSame(going(all), [], JSON.stringify(standing))
    t.match(planRetention(all, LIMITS, NOW).objection, /the newest backup, new, is (not verified|broken|not restorable)/)
  }
})

t.test('the last verified one stays, however old', async (t) => {
  t.strictSame(going([backup('a', 1), backup('b', 2), backup('c', 100)]), ['c'])
  const unproved = [backup('a', 1, {}), backup('b', 2, {}), backup('c', 100), backup('d', 200)]
  t.ok(planRetention(unproved, LIMITS, NOW).verdicts.every((verdict) => verdict.keep))
})

t.test('what a kept one builds on stays, with the whole chain below it', async (t) => {
  const chain = [
    backup('i2', 1, { verified: GOOD }, 'i1'),
    backup('x', 2),
    backup('i1', 40, {}, 'full'),
    backup('full', 50),
    backup('old', 60),
  ]
  t.strictSame(going(chain), ['old'])
})

t.test('whatever there is, the newest ones, the young and one proved remain', async () => {
  const standing = fc.constantFrom<RetainedBackup['standing']>(
    {},
    { verified: GOOD },
    { verified: BAD },
    { drilled: GOOD },
    { drilled: BAD },
  )
  const backups = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), standing), { maxLength: 20 })
  fc.assert(
    fc.property(backups, (list) => {
      const all = list.map(([age, proof], index) => backup(`b${index}`, age, proof))
      const gone = new Set(going(all))
      const stay = all.filter(({ manifest }) => !gone.has(manifest.id))
      const proved = all.filter(isProved)
      return (
        stay.length >= Math.min(all.length, LIMITS.keepCount) &&
        all.every(({ manifest }) => NOW - manifest.startedWallMs >= LIMITS.keepMs || !gone.has(manifest.id)) &&
        (proved.length === 0 || stay.some(isProved))
      )
    }),
  )
})
