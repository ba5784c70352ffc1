import t from 'tap'
import { reasonToCatchUp } from '../../src/core/backup/lateness.ts'
import type { Outcome, StoredBackup } from '../../src/jobs/backup/backup.ts'
import type { BackupCare, Due } from '../../src/jobs/backup/backup-care.ts'
import { createBackups } from '../../src/jobs/create-backups.ts'
import { drillBackups } from '../../src/jobs/drill-backups.ts'
import type { JobContext } from '../../src/jobs/job.ts'
import { pruneBackups } from '../../src/jobs/prune-backups.ts'
import { verifyBackups } from '../../src/jobs/verify-backups.ts'
import { watchBackups } from '../../src/jobs/watch-backups.ts'
import { createFakeClock } from '../fakes/clock.ts'
import { BACKUP_SETTINGS } from './backup/real-ground.ts'

const HOUR_MS = 3_600_000
const SIGNAL = new AbortController().signal
const SCHEDULES = {
  kind: 'logical',
  schedule: '0 6 * * *',
  verifySchedule: '0 3 * * *',
  drillSchedule: '',
  pruneSchedule: '0 2 * * *',
  timeZone: 'UTC',
  jitterMs: 0,
}

function stored(startedWallMs: number, standing: StoredBackup['standing'] = {}): StoredBackup {
  const manifest = { id: `b${startedWallMs}`, startedWallMs } as StoredBackup['manifest']
  return { manifest, standing, directory: '/b' }
}

/** One cluster whose backups are in a list; what was done and told is kept. */
function ground(backups: StoredBackup[] = [], changes: Partial<BackupCare> = {}) {
  const clock = createFakeClock()
  const done: string[] = []
  const told = new Map<string, string | undefined>()
  let due: Due = { lastWallMs: undefined, nextWallMs: undefined }
  let tries = 0
  const care: BackupCare = {
    cluster: '15-main',
    settings: BACKUP_SETTINGS,
    objection: () => '',
    mayCatchUp: () => (tries += 1) === 1,
    list: async () => ({ backups, unusable: [] }),
    async create(): Promise<Outcome<StoredBackup>> {
      done.push('create')
      backups.unshift(stored(clock.wallMs()))
      return { ok: true, value: stored(clock.wallMs()) }
    },
    verify: async () => ({ ok: true, value: { ok: true, wallMs: 0, tookMs: 0, detail: 'read through' } }),
    drill: async () => ({ ok: false, code: 'damaged', why: 'a table is missing', hint: 'make a new one' }),
    prune: async () => ({ ok: true, value: { removed: [], verdicts: [], objection: 'the newest is not verified yet' } }),
    usedRatio: async () => 0.5,
    tell: async (key, sentence) => void told.set(key, sentence),
    due: { load: async () => due, save: async (next) => void (due = next) },
    ...changes,
  }
  const context = {
    clock,
    settings: { backup: SCHEDULES },
    backups: () => [care],
    nextBackupWallMs: () => clock.wallMs() + HOUR_MS,
  } as unknown as JobContext
  return { clock, context, done, told, due: () => due }
}

t.test('a backup is made by the calendar, and remembered as called for', async (t) => {
  const { context, done, due, clock } = ground()
  t.match(await createBackups.run(context, SIGNAL), /^15-main: made the backup b/)
  t.strictSame(done, ['create'])
  t.strictSame(due(), { lastWallMs: clock.wallMs(), nextWallMs: clock.wallMs() + HOUR_MS })
})

t.test('nothing begins while an incident is open, and it is made up for afterwards', async (t) => {
  let objection = 'an incident is open'
  const { context, done } = ground([], { objection: () => objection })
  t.match(await createBackups.run(context, SIGNAL), /not made: an incident is open/)
  t.equal(await watchBackups.run(context, SIGNAL), '')
  t.strictSame(done, [])
  objection = ''
  t.match(await watchBackups.run(context, SIGNAL), /made the backup .* \(there is no backup yet\)/)
})

t.test('one that fails is told, is not tried again at once, and its success ends the warning', async (t) => {
  const failing = { create: async () => ({ ok: false, code: 'no-room', why: 'no room', hint: 'make some' }) as const }
  const { context, told } = ground([], failing)
  t.equal(await createBackups.run(context, SIGNAL), '15-main: no room')
  t.equal(told.get('backup:create'), 'no room; make some')
  t.match(await watchBackups.run(context, SIGNAL), /no room/)
  t.equal(await watchBackups.run(context, SIGNAL), '', 'held back')
  const good = ground()
  await createBackups.run(good.context, SIGNAL)
  t.ok(good.told.has('backup:create') && good.told.get('backup:create') === undefined)
})

t.test('ages and room are told, and told to be over', async (t) => {
  const { context, told, clock } = ground([], { usedRatio: async () => 0.85 })
  const old = ground([
    stored(clock.wallMs() - 40 * 24 * HOUR_MS, {
      drilled: { ok: true, wallMs: clock.wallMs() - 30 * 24 * HOUR_MS, tookMs: 1, detail: '' },
    }),
  ])
  await watchBackups.run(old.context, SIGNAL)
  t.match(old.told.get('backup:age'), /40 days old/)
  t.match(old.told.get('backup:drill-age'), /the last successful drill is 30 days old/)
  await watchBackups.run(context, SIGNAL)
  t.match(told.get('backup:room'), /85 % full/)
  t.equal(told.get('backup:age'), undefined)
})

t.test('verification, drill and pruning say what came of them', async (t) => {
  const { context, told } = ground([stored(1)])
  t.equal(await verifyBackups.run(context, SIGNAL), '15-main: verified the newest backup: read through')
  t.equal(await drillBackups.run(context, SIGNAL), '15-main: a table is missing')
  t.match(told.get('backup:drill'), /a table is missing; make a new one/)
  t.equal(await pruneBackups.run(context, SIGNAL), '15-main: no backup is removed, because the newest is not verified yet')
})

t.test('without a kind, or without a schedule, nothing is scheduled', async (t) => {
  const none = { backup: { ...SCHEDULES, kind: 'none' } } as unknown as Parameters<typeof createBackups.timing>[0]
  for (const job of [createBackups, verifyBackups, drillBackups, pruneBackups, watchBackups])
    t.strictSame(job.timing(none), { kind: 'off' }, job.name)
  const some = { backup: SCHEDULES } as unknown as Parameters<typeof createBackups.timing>[0]
  t.strictSame(drillBackups.timing(some), { kind: 'off' })
  t.strictSame(createBackups.timing(some), { kind: 'calendar', schedule: '0 6 * * *', timeZone: 'UTC', jitterMs: 0 })
})

t.test('a run is missed when the host was off at its time, not when it is only a little late', async (t) => {
  const now = { wallMs: 100 * HOUR_MS, jitterMs: 300_000 }
  const at = (hours: number) => hours * HOUR_MS
  t.equal(reasonToCatchUp(undefined, { lastWallMs: undefined, nextWallMs: undefined }, now), 'there is no backup yet')
  t.match(reasonToCatchUp(at(80), { lastWallMs: at(80), nextWallMs: at(92) }, now), /missed/)
  t.equal(reasonToCatchUp(at(80), { lastWallMs: at(80), nextWallMs: at(100) - 120_000 }, now), undefined, 'within its jitter')
  t.match(reasonToCatchUp(at(80), { lastWallMs: at(92), nextWallMs: at(104) }, now), /did not make one/)
  t.equal(reasonToCatchUp(at(92), { lastWallMs: at(92), nextWallMs: at(104) }, now), undefined)
})
