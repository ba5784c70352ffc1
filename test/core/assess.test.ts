import t from 'tap'
import { assess, needsFacts, NO_SUSPICIONS } from '../../src/core/assess.ts'
import type { Hindrance } from '../../src/core/hindrance.ts'
import type { Facts, StuckProcess } from '../../src/core/facts.ts'
import type { LockConflicts } from '../../src/core/sessions/lock-conflicts.ts'
import { PROBE_NAMES, type ProbeName, type Reading, type Readings, type Reason } from '../../src/core/reading.ts'

function reading(probe: ProbeName, changes: Partial<Reading> = {}): Reading {
  return { probe, verdict: 'pass', detail: `${probe} is well`, evidence: {}, tookMs: 1, ...changes }
}

function readings(changes: Partial<Record<ProbeName, Partial<Reading>>> = {}): Readings {
  return Object.fromEntries(PROBE_NAMES.map((name) => [name, reading(name, changes[name])])) as unknown as Readings
}

function failing(reason: Reason, sqlState = '', more: Record<string, string | boolean> = {}): Partial<Reading> {
  return {
    verdict: 'fail',
    reason,
    detail: `failed: ${reason} ${sqlState}`,
    evidence: { ...(sqlState === '' ? {} : { sqlState }), ...more },
  }
}

const RUNNING: Facts['postmaster'] = { status: 'running', pid: 4711, processState: 'S', waitChannel: '' }

const NONE = { status: 'none' } as const
const UNKNOWN = { status: 'unknown', why: 'the disk hangs' } as const

function found<T>(value: T) {
  return { status: 'found', value } as const
}

function room(availableBytes: number, freeableBytes = 0): NonNullable<Facts['rooms']>[number] {
  const place = { roles: ['data', 'wal'], path: '/data', device: 1, availableBytes, freeInodes: 1000, countsInodes: true }
  return { ...place, neededBytes: 33_554_432, wantedBytes: 33_554_432, freeable: { bytes: freeableBytes, inodes: 0 } }
}

function facts(changes: Partial<Facts> = {}): Facts {
  return {
    postmaster: { status: 'absent' },
    stuck: [],
    crowd: NONE,
    conflicts: NONE,
    service: { state: 'failed', result: 'signal', job: '', restartsByItself: false },
    controlFile: {
      state: 'in production',
      systemIdentifier: '1',
      checksumsEnabled: true,
      redoLsn: '0/1',
      checkpointLsn: '0/1',
      timeline: 1,
      checkpointWallMs: 0,
      minRecoveryTimeline: 0,
      walSegmentBytes: 16_777_216,
      catalogVersion: 202209061,
      maxPreparedTransactions: 0,
      tracksCommitTimestamps: false,
    },
    pendingStart: undefined,
    pidFileLeft: false,
    hindrances: [],
    hardware: undefined,
    logEnding: 'running',
    restoreSign: NONE,
    pidFileStatus: '',
    startup: undefined,
    log: {
      panics: [],
      outOfSpace: false,
      quotaExceeded: false,
      ioError: false,
      outOfMemory: false,
      slotsRefused: false,
      configurationErrors: [],
      shutdownRequested: false,
      backendCrashed: false,
      damages: [],
      lastFatal: '',
    },
    owner: NONE,
    packageUpgrade: false,
    dataDirectoryUser: NONE,
    dataDirectoryUserIsHot: false,
    damages: [],
    rooms: [room(10_000_000_000)],
    configurationError: NONE,
    ...changes,
  }
}

function stuck(changes: Partial<StuckProcess> = {}): StuckProcess {
  return { pid: 12, title: 'checkpointer', how: 'stopped', waitChannel: '', isKilled: false, stack: [], ...changes }
}

/** 22 waits for 21, which is idle in transaction. */
function conflicts(policy: Partial<LockConflicts['policy']> = {}, waitedMs = 600_000): LockConflicts {
  const time = '2026-11-25T19:24:57.197833Z'
  const place = { user: 'app', database: 'shop', address: 'local', application: '', isSuperuser: false, backendType: 'client backend' }
  const party = { ...place, backendStart: time, stateChange: time, transactionStart: time, stateForMs: waitedMs, statement: 'select 1' }
  return {
    parties: [
      { ...party, pid: 21, state: 'idle in transaction', waitsFor: [], waitedMs: undefined, lock: '' },
      { ...party, pid: 22, state: 'active', waitsFor: [21], waitedMs, lock: 'ShareLock on transactionid' },
    ],
    prepared: [],
    policy: { policy: 'observe', limitMs: 300_000, superusers: false, spareUsers: [], ...policy },
  }
}

const DOWN = { service: failing('no-postmaster'), connection: failing('not-listening') }
const CLEAN = { ...facts().controlFile!, state: 'shut down' as const }
const INACTIVE = { state: 'inactive', result: 'success', job: '', restartsByItself: false }
/** Debian's unit after whatever did not go through it: `pg_ctlcluster stop` finds no server and fails. */
const FAILED = { state: 'failed', result: 'exit-code', job: '', restartsByItself: false }
const STOPPED: Partial<Facts> = { controlFile: CLEAN, service: INACTIVE, logEnding: 'stopped' }
const ROOMLESS: Partial<Facts> = { rooms: [room(4096)] }
const FREEABLE: Partial<Facts> = { rooms: [room(4096, 100_000_000)] }
const DAMAGE = {
  kind: 'page',
  relationPath: 'base/16384/16471',
  block: 50,
  message: 'invalid page in block 50 of relation base/16384/16471',
} as const

t.test('all well needs no facts and no response', async (t) => {
  t.notOk(needsFacts(readings(), NO_SUSPICIONS))
  const assessment = assess(readings({ authentication: { verdict: 'unknown', reason: 'no-ground' } }), undefined)
  t.equal(assessment.response, 'none')
  t.match(assessment.verdict, '5 of 6 probes pass, not looked at: authentication')
})

t.test('a disk that fills up is a warning, not an outage', async (t) => {
  const full = readings({ disk: failing('full') })
  t.notOk(needsFacts(full, NO_SUSPICIONS))
  const { response, warnings } = assess(full, undefined)
  t.equal(response, 'none')
  t.same(
    warnings.map(({ key }) => key),
    ['disk:full'],
  )
})

t.test('a server without room to go on is in trouble although it serves', async (t) => {
  const roomless = readings({ disk: failing('no-room') })
  t.ok(needsFacts(roomless, NO_SUSPICIONS))
  const { warnings, ...found } = assess(roomless, facts({ postmaster: RUNNING, ...FREEABLE }))
  t.match(found, { cause: 'disk-full', response: 'recover', plan: 'free-space', serving: true })
  t.same(warnings, [], 'told as what it is, not as a warning beside')
  const refused = readings({ disk: failing('no-room'), write: failing('rejected', '53100') })
  t.match(assess(refused, facts({ postmaster: RUNNING, ...ROOMLESS })), { cause: 'disk-full', response: 'person', serving: undefined })
})

t.test('a standby without room is told as that, and not acted on', async (t) => {
  const standby = readings({ disk: failing('no-room'), connection: { evidence: { inRecovery: true } } })
  t.match(assess(standby, facts({ postmaster: RUNNING, ...FREEABLE })), { cause: 'disk-full', response: 'person', verdict: /standby/ })
})

interface Case {
  readonly name: string
  readonly readings?: Partial<Record<ProbeName, Partial<Reading>>>
  readonly facts?: Partial<Facts>
  readonly expect: {
    readonly cause: string
    readonly response: string
    readonly plan?: string | undefined
    readonly verdict?: RegExp
    readonly strength?: string
    readonly attemptsAtMost?: number
  }
}

const CASES: readonly Case[] = [
  { name: 'SIGKILL of the postmaster', expect: { cause: 'crashed', response: 'recover', plan: 'restart', strength: 'proven' } },
  {
    name: 'orphans without a postmaster',
    facts: { postmaster: { status: 'orphans', pids: [7, 8] } },
    expect: { cause: 'crashed', response: 'recover', plan: 'restart', strength: 'proven' },
  },
  {
    name: 'whether a postmaster runs cannot be told: nothing is done',
    facts: { postmaster: { status: 'unknown', why: 'no permission' } },
    expect: { cause: 'unclear', response: 'person' },
  },
  { name: 'a clean stop by an operator', facts: STOPPED, expect: { cause: 'stopped-by-operator', response: 'grace', plan: 'restart' } },
  {
    name: 'a clean stop while somebody copies the directory',
    facts: { ...STOPPED, dataDirectoryUser: found('rsync') },
    expect: { cause: 'stopped-by-operator', response: 'wait' },
  },
  {
    name: 'an unreadable control file of a stopped service proves nothing',
    facts: { ...STOPPED, controlFile: undefined },
    expect: { cause: 'unclear', response: 'person' },
  },
  {
    name: 'a clean stop by a package upgrade',
    facts: { ...STOPPED, packageUpgrade: true },
    expect: { cause: 'stopped-by-operator', response: 'wait' },
  },
  {
    name: 'a clean control file, but the service failed to start since',
    facts: { ...STOPPED, service: { state: 'failed', result: 'protocol', job: '', restartsByItself: false }, logEnding: 'failed' },
    expect: { cause: 'crashed', response: 'recover', plan: 'restart' },
  },
  {
    name: 'a start that the service manager has under way',
    facts: {
      service: { state: 'activating', result: 'success', job: 'start', restartsByItself: false },
      pendingStart: { forMs: 1000, isOverdue: false },
    },
    expect: { cause: 'starting', response: 'wait' },
  },
  {
    name: 'a start that the service manager has under way for too long',
    facts: {
      service: { state: 'activating', result: 'success', job: 'start', restartsByItself: false },
      pendingStart: { forMs: 400_000, isOverdue: true },
    },
    expect: { cause: 'start-stalled', response: 'person' },
  },
  {
    name: 'the first look after SIGKILL of the postmaster: the unit has not noticed',
    facts: { service: { ...FAILED, state: 'active', result: 'success' }, pidFileLeft: true },
    expect: { cause: 'crashed', response: 'recover', plan: 'restart', strength: 'proven' },
  },
  ...(['deactivating', 'failed'] as const).map((state) => ({
    name: `SIGKILL of the postmaster, the unit is ${state} and its stop has removed the lock file`,
    facts: { service: { ...FAILED, state } },
    expect: { cause: 'crashed', response: 'recover', plan: 'restart', strength: 'proven' },
  })),
  {
    name: 'a failed unit and a log that cannot be read: looked at again',
    facts: { service: FAILED, logEnding: 'unknown' },
    expect: { cause: 'crashed', response: 'recover', plan: 'restart', strength: 'suspected' },
  },
  {
    name: 'a power cut: the lock file of the server before lies there, the unit is inactive',
    facts: { service: INACTIVE, pidFileLeft: true },
    expect: { cause: 'crashed', response: 'recover', plan: 'restart', strength: 'proven' },
  },
  ...([INACTIVE, FAILED, { ...FAILED, state: 'deactivating' }] as const).map((service) => ({
    name: `an operator's own immediate stop, the unit is ${service.state}`,
    facts: { service, logEnding: 'immediate-stop' as const },
    expect: { cause: 'stopped-by-operator', response: 'grace', plan: 'restart' },
  })),
  {
    name: "an operator's clean stop past the service manager, which fails the unit",
    facts: { service: FAILED, controlFile: CLEAN, logEnding: 'stopped' },
    expect: { cause: 'stopped-by-operator', response: 'grace', plan: 'restart' },
  },
  {
    name: 'a stop that the service manager had to end by force',
    facts: { service: { ...FAILED, result: 'timeout' }, pidFileLeft: true, logEnding: 'stopping' },
    expect: { cause: 'stopped-by-operator', response: 'grace', plan: 'restart' },
  },
  {
    name: 'SIGKILL in the middle of a stop left a lock file: a crash, whatever was asked before',
    facts: { service: FAILED, pidFileLeft: true, logEnding: 'stopping' },
    expect: { cause: 'crashed', response: 'recover', plan: 'restart', strength: 'proven' },
  },
  {
    name: 'a copy of another server in the directory of one that was stopped cleanly',
    facts: { service: INACTIVE, logEnding: 'stopped' },
    expect: { cause: 'unclear', response: 'person' },
  },
  {
    name: 'no trace of a crash and no word about the end',
    facts: { service: INACTIVE, logEnding: 'unknown' },
    expect: { cause: 'unclear', response: 'person' },
  },
  {
    name: 'no trace of a crash, on a full disk that could be freed',
    facts: { service: INACTIVE, logEnding: 'unknown', ...FREEABLE },
    expect: { cause: 'unclear', response: 'person' },
  },
  ...['standby.signal', 'recovery.signal', 'backup_label'].map((name) => ({
    name: `${name} in the directory of a server that failed to start`,
    facts: { restoreSign: found(name) },
    expect: { cause: 'read-only', response: 'person' },
  })),
  {
    name: 'whether it is a standby could not be looked at',
    facts: { restoreSign: UNKNOWN },
    expect: { cause: 'read-only', response: 'person' },
  },
  {
    name: 'a crash without a readable control file',
    facts: { controlFile: undefined },
    expect: { cause: 'unclear', response: 'person' },
  },
  {
    name: 'a crash while somebody copies into the directory',
    facts: { pidFileLeft: true, dataDirectoryUser: found('pg_basebackup') },
    expect: { cause: 'stopped-by-operator', response: 'wait' },
  },
  {
    name: 'a crash while a package upgrade runs',
    facts: { pidFileLeft: true, packageUpgrade: true },
    expect: { cause: 'stopped-by-operator', response: 'wait' },
  },
  {
    name: 'whether another manager owns it could not be looked at',
    facts: { pidFileLeft: true, owner: UNKNOWN },
    expect: { cause: 'unclear', response: 'person' },
  },
  {
    name: 'crash recovery that advances',
    readings: { connection: failing('rejected', '57P03') },
    facts: { postmaster: RUNNING, startup: { phase: 'redo', advancing: true, stalledForMs: 0, detail: 'replaying', walFile: '' } },
    expect: { cause: 'starting', response: 'wait' },
  },
  {
    name: 'crash recovery that has stalled is told, not restarted',
    readings: { connection: failing('rejected', '57P03') },
    facts: { postmaster: RUNNING, startup: { phase: 'redo', advancing: false, stalledForMs: 400_000, detail: 'replaying', walFile: '' } },
    expect: { cause: 'start-stalled', response: 'person' },
  },
  {
    name: 'a shutdown that takes its time',
    readings: { connection: failing('rejected', '57P03') },
    facts: { postmaster: RUNNING, pidFileStatus: 'stopping' },
    expect: { cause: 'starting', response: 'wait' },
  },
  {
    name: 'SIGSTOP of the postmaster',
    readings: { connection: failing('timeout') },
    facts: { postmaster: { ...RUNNING, processState: 'T' } },
    expect: { cause: 'frozen', response: 'recover', plan: 'restart', strength: 'suspected' },
  },
  {
    name: 'the kernel says that the postmaster is suspended',
    readings: { service: failing('suspended'), connection: { verdict: 'unknown', reason: 'no-ground' } },
    facts: { postmaster: { ...RUNNING, processState: 'T' } },
    expect: { cause: 'frozen', response: 'recover', plan: 'restart', strength: 'suspected' },
  },
  {
    name: 'the postmaster waits in the kernel: no signal ends it, so nothing is stopped',
    readings: { connection: failing('timeout') },
    facts: { postmaster: { ...RUNNING, processState: 'D' }, stuck: [stuck({ title: 'postmaster', how: 'in-kernel' })] },
    expect: { cause: 'storage-hangs', response: 'person', plan: undefined },
  },
  {
    name: 'logins and reads go on and writes hang, as on a frozen file system',
    readings: { write: failing('timeout') },
    facts: { postmaster: RUNNING, stuck: [stuck({ how: 'in-kernel' })] },
    expect: { cause: 'storage-hangs', response: 'person', plan: undefined, verdict: /reads are answered, writes hang/ },
  },
  {
    name: 'a slow answer while a process happens to wait for its disk: it moved between two looks',
    readings: { latency: failing('too-slow') },
    facts: { postmaster: { ...RUNNING, processState: 'D' }, stuck: [] },
    expect: { cause: 'slow', response: 'person' },
  },
  {
    name: 'a process that was killed and lives on, whatever else is found',
    readings: DOWN,
    facts: { postmaster: { status: 'orphans', pids: [12] }, stuck: [stuck({ how: 'in-kernel', isKilled: true })] },
    expect: { cause: 'cannot-be-stopped', response: 'person', plan: undefined },
  },
  {
    name: 'a frozen control group: who froze it has to thaw it',
    readings: { connection: failing('timeout') },
    facts: { postmaster: { ...RUNNING, processState: 'D' }, stuck: [stuck({ how: 'frozen', waitChannel: '__refrigerator' })] },
    expect: { cause: 'frozen', response: 'person', plan: undefined },
  },
  {
    name: 'a stopped WAL writer while writes hang: it is let go on, and the postmaster is left in peace',
    readings: { write: failing('timeout') },
    facts: { postmaster: RUNNING, stuck: [stuck({ title: 'walwriter' })] },
    expect: { cause: 'frozen', response: 'recover', plan: 'remedies' },
  },
  {
    name: 'a stopped query while new sessions hang: it may hold what they need',
    readings: { connection: failing('timeout') },
    facts: { postmaster: RUNNING, stuck: [stuck({ title: 'app shop [local] UPDATE' })] },
    expect: { cause: 'frozen', response: 'recover', plan: 'remedies' },
  },
  {
    name: 'a stopped query while the server is merely slow: somebody paused it, and it explains nothing',
    readings: { latency: failing('too-slow') },
    facts: { postmaster: RUNNING, stuck: [stuck({ title: 'app shop [local] UPDATE' })] },
    expect: { cause: 'slow', response: 'person' },
  },
  {
    name: 'sessions that a lock keeps waiting for long, though every probe passes: told with the policy observe',
    readings: {},
    facts: { postmaster: RUNNING, conflicts: found(conflicts()) },
    expect: { cause: 'blocked', response: 'person', plan: undefined },
  },
  {
    name: 'and ended with the policy act',
    readings: {},
    facts: { postmaster: RUNNING, conflicts: found(conflicts({ policy: 'act' })) },
    expect: { cause: 'blocked', response: 'recover', plan: 'remedies' },
  },
  {
    name: 'but not on a cluster of another manager',
    readings: {},
    facts: { postmaster: RUNNING, conflicts: found(conflicts({ policy: 'act' })), owner: found({ name: 'patroni', evidence: '' }) },
    expect: { cause: 'blocked', response: 'person', plan: undefined },
  },
  {
    name: 'a session that is stopped by a signal and has what others wait for goes on before anything is ended',
    readings: {},
    facts: {
      postmaster: RUNNING,
      conflicts: found(conflicts({ policy: 'act' })),
      stuck: [stuck({ pid: 21, title: 'app shop [local] idle' })],
    },
    expect: { cause: 'frozen', response: 'recover', plan: 'remedies' },
  },
  {
    name: 'a write that comes late while a lock is waited for',
    readings: { write: failing('timeout') },
    facts: { postmaster: RUNNING, conflicts: found(conflicts({ limitMs: 3_600_000 })) },
    expect: { cause: 'blocked', response: 'person', plan: undefined },
  },
  {
    name: 'a slow server whose sessions wait for locks as every busy one does',
    readings: { latency: failing('too-slow') },
    facts: { postmaster: RUNNING, conflicts: found(conflicts({ policy: 'act' }, 40)) },
    expect: { cause: 'slow', response: 'person' },
  },
  {
    name: 'a debugger holds the postmaster: somebody is at work',
    readings: { connection: failing('timeout') },
    facts: { postmaster: { ...RUNNING, processState: 't' } },
    expect: { cause: 'unclear', response: 'person' },
  },
  {
    name: 'new sessions hang, but the postmaster is merely busy or waits: not frozen',
    readings: { connection: failing('timeout') },
    facts: { postmaster: RUNNING },
    expect: { cause: 'unclear', response: 'person' },
  },
  {
    name: 'all slots taken',
    readings: { authentication: failing('rejected', '53300') },
    facts: { postmaster: RUNNING },
    expect: { cause: 'connections-exhausted', response: 'person' },
  },
  ...['28P01', '28000', '3D000'].map((state) => ({
    name: `login refused with ${state}`,
    readings: { authentication: failing('rejected', state) },
    facts: { postmaster: RUNNING },
    expect: { cause: 'auth-broken', response: 'person' },
  })),
  {
    name: 'too slow',
    readings: { latency: failing('too-slow') },
    facts: { postmaster: RUNNING },
    expect: { cause: 'slow', response: 'person' },
  },
  {
    name: 'a write that hangs',
    readings: { write: failing('timeout') },
    facts: { postmaster: RUNNING },
    expect: { cause: 'slow', response: 'person' },
  },
  {
    name: 'read-only',
    readings: { write: failing('in-recovery', '25006') },
    facts: { postmaster: RUNNING },
    expect: { cause: 'read-only', response: 'person' },
  },
  {
    name: 'a standby that is down is never acted on',
    facts: { controlFile: { ...CLEAN, state: 'in archive recovery' } },
    expect: { cause: 'read-only', response: 'person' },
  },
  {
    name: 'writes refused for lack of room, nothing to free',
    readings: { write: failing('rejected', '53100') },
    facts: { postmaster: RUNNING, ...ROOMLESS },
    expect: { cause: 'disk-full', response: 'person' },
  },
  {
    name: 'writes refused for lack of room, ballast there',
    readings: { write: failing('rejected', '53100') },
    facts: { postmaster: RUNNING, ...FREEABLE },
    expect: { cause: 'disk-full', response: 'recover', plan: 'free-space' },
  },
  { name: 'down and full: wait for room, no start loop', facts: ROOMLESS, expect: { cause: 'disk-full', response: 'wait' } },
  {
    name: 'down and full with ballast',
    facts: FREEABLE,
    expect: { cause: 'disk-full', response: 'recover', plan: 'restart', strength: 'proven' },
  },
  {
    name: 'down with a broken configuration',
    facts: { configurationError: found('syntax error in file "postgresql.conf" line 3') },
    expect: { cause: 'configuration-broken', response: 'person' },
  },
  {
    name: 'down after an I/O error: one attempt',
    facts: { log: { ...facts().log, ioError: true } },
    expect: { cause: 'disk-faulty', response: 'recover', plan: 'restart', attemptsAtMost: 1 },
  },
  {
    name: 'an I/O error while the server runs',
    readings: { write: failing('rejected', '58030') },
    facts: { postmaster: RUNNING },
    expect: { cause: 'disk-faulty', response: 'person' },
  },
  {
    name: 'a catalog is damaged: nobody can log in',
    readings: { connection: failing('rejected', 'XX001') },
    facts: { postmaster: RUNNING },
    expect: { cause: 'damaged', response: 'person' },
  },
  {
    name: 'a catalog is damaged as the disk shows: nobody can log in, and it is mended once',
    readings: { connection: failing('rejected', '58P01') },
    facts: { postmaster: RUNNING, damages: [{ ...DAMAGE, kind: 'missing-file', relationPath: 'global/2671', block: -1 }] },
    expect: { cause: 'damaged', response: 'recover', plan: 'repair-online', strength: 'proven', attemptsAtMost: 1 },
  },
  {
    name: 'Patroni owns it',
    facts: { owner: found({ name: 'patroni', evidence: 'patroni runs' } as const) },
    expect: { cause: 'not-ours', response: 'person' },
  },
]

for (const { name, readings: changes, facts: found, expect } of CASES) {
  t.test(name, async (t) => {
    const assessment = assess(readings(changes ?? DOWN), facts(found))
    t.match(assessment, expect)
    t.ok(assessment.evidence.length > 0 || assessment.cause === 'unclear', 'a cause has its evidence')
    t.equal(assessment.plan === undefined, expect.plan === undefined, 'a plan only where something may be done')
  })
}

t.test('a damaged page in the log is repaired online though every probe passes', async (t) => {
  const damaged = facts({ postmaster: RUNNING, damages: [DAMAGE] })
  t.ok(needsFacts(readings(), { ...NO_SUSPICIONS, damage: true }))
  t.match(assess(readings(), damaged), { cause: 'damaged', response: 'recover', plan: 'repair-online' })
})

t.test('damage on a cluster of another manager, or on a standby, is only told', async (t) => {
  const damages = [DAMAGE]
  t.match(assess(readings(), facts({ postmaster: RUNNING, damages, owner: found({ name: 'patroni', evidence: 'x' } as const) })), {
    cause: 'not-ours',
    response: 'person',
  })
  const standby = readings({ connection: { evidence: { inRecovery: true } } })
  t.match(assess(standby, facts({ postmaster: RUNNING, damages })), { cause: 'read-only', response: 'person' })
})

t.test('damage that the log names and the disk does not show is nothing', async (t) => {
  const forged = facts({ postmaster: RUNNING, log: { ...facts().log, damages: [DAMAGE] } })
  t.match(assess(readings(), forged), { cause: undefined, response: 'none' })
})

t.test('what was ruled out is told with its reason', async (t) => {
  const { ruledOut } = assess(readings(DOWN), facts())
  t.ok(ruledOut.includes('disk-full: there is room for the server to start'))
  t.ok(ruledOut.some((line) => line.startsWith('stopped-by-operator: the control file says "in production"')))
})

t.test('what keeps a server from being started is told, unless a remedy mends it on the way', async (t) => {
  const hindrance: Hindrance = {
    cause: 'unstartable',
    place: '/data/pg_twophase',
    sentence: 'pg_twophase is missing',
    evidence: ['it may have held something'],
    commands: [{ shell: 'mkdir' }],
  }
  const found = assess(readings(DOWN), facts({ hindrances: [hindrance] }))
  t.match(found, { cause: 'unstartable', response: 'person', verdict: /pg_twophase is missing/, commands: [{ shell: 'mkdir' }] })
  const mended = assess(readings(DOWN), facts({ hindrances: [{ ...hindrance, mend: { kind: 'make-directory', mode: 0o700 } }] }))
  t.match(mended, { cause: 'crashed', response: 'recover', plan: 'restart' })
  t.ok(mended.ruledOut.includes('unstartable: mended before a start: pg_twophase is missing'))
  const stopped = {
    service: { state: 'inactive', result: 'success', job: '', restartsByItself: false },
    logEnding: 'immediate-stop',
  } as const
  t.match(
    assess(readings(DOWN), facts({ ...stopped, hindrances: [hindrance] })),
    { cause: 'stopped-by-operator' },
    'his work is not judged',
  )
  const wal: Hindrance = { ...hindrance, cause: 'wal-damaged', sentence: 'the WAL is damaged' }
  t.match(
    assess(readings(DOWN), facts({ ...stopped, hindrances: [wal] })),
    { cause: 'wal-damaged', response: 'person' },
    'whoever stopped it',
  )
})

t.test('a file that makes a start something else is explained, and never taken for left over', async (t) => {
  const look = (restoreSign: string) => assess(readings(DOWN), facts({ restoreSign: found(restoreSign) }))
  t.match(look('backup_label'), { cause: 'read-only', response: 'person', evidence: [/lies in/, /backup that was restored/] })
  t.match(look('standby.signal'), {
    response: 'person',
    evidence: [/lies in/, /"in production", so the server ran as a primary/, /taken over/],
  })
})

t.test('after a crash a copy of what was the running server is not waited for; one that was begun since is', async (t) => {
  const copy = { dataDirectoryUser: found('rsync (pid 812)') }
  t.match(assess(readings(DOWN), facts({ ...copy, dataDirectoryUserIsHot: true })), { cause: 'crashed', response: 'recover' })
  t.match(assess(readings(DOWN), facts(copy)), { cause: 'stopped-by-operator', response: 'wait' })
  t.match(assess(readings(DOWN), facts({ ...STOPPED, ...copy, dataDirectoryUserIsHot: true })), { response: 'wait' }, 'nor after a stop')
})

t.test('a quota is told apart from a full volume: never mended by what lies elsewhere, and one start at most', async (t) => {
  const words = 'could not extend file "base/5/16384": Disk quota exceeded'
  const write = { ...failing('rejected', 'XX000'), detail: `write a row durably failed: ${words}` }
  const up = assess(readings({ write }), facts({ postmaster: RUNNING }))
  t.match(up, { cause: 'disk-full', response: 'person', verdict: /quota .* used up, though the volume has room/ })
  t.match(up.commands, [{ shell: /repquota/ }, { shell: /xfs_quota/ }, { shell: /btrfs qgroup/ }])
  const log = { ...facts().log, panics: [words] }
  const down = facts({ log, pidFileLeft: true, logEnding: 'failed' })
  t.match(assess(readings(DOWN), down), { cause: 'disk-full', response: 'recover', plan: 'restart', attemptsAtMost: 1, evidence: [words] })
  t.match(
    assess(readings(DOWN), { ...down, ...FREEABLE }),
    { verdict: /its disk is full/ },
    'where room is lacking as well, that comes first',
  )
})

t.test('a file system that went read-only: no start, hands off, the kernel is quoted', async (t) => {
  const words = 'could not write to file "pg_wal/000000010000000000000001": Read-only file system'
  const hardware = { disks: ['sda'], sentences: ['kernel: EXT4-fs error (device sda1)'] }
  const log = { ...facts().log, ioError: true, panics: [words] }
  const sentence = 'the file system of /x is read-only (/dev/sda1, ext4, mounted at /x)'
  const hindrance = { cause: 'disk-faulty' as const, place: '/x', sentence, evidence: ['why'], commands: [{ shell: 'sudo dmesg -T' }] }
  const down = facts({ log, hardware, hindrances: [hindrance], pidFileLeft: true, logEnding: 'failed' })
  t.match(assess(readings(DOWN), down), {
    cause: 'disk-faulty',
    response: 'person',
    plan: undefined,
    verdict: /is not started: the file system of .x is read-only/,
    evidence: ['why', words, 'kernel: EXT4-fs error (device sda1)'],
  })
  const write = { ...failing('rejected', '42501'), detail: `write a row durably failed: ${words}` }
  const up = assess(readings({ write }), facts({ postmaster: RUNNING, hardware }))
  t.match(up, { cause: 'disk-faulty', response: 'person', verdict: /has gone read-only; the server is left running/ })
})
