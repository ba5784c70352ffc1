import t from 'tap'
import type { StepContext } from '../../src/recovery/step.ts'
import { captureEvidence } from '../../src/recovery/steps/capture-evidence.ts'
import { clearStalePid } from '../../src/recovery/steps/clear-stale-pid.ts'
import { freeDiskSpace } from '../../src/recovery/steps/free-disk-space.ts'
import { repairDamage } from '../../src/recovery/steps/repair-damage.ts'
import { DATA, INCIDENT, makeFakeGround } from './fake-ground.ts'

const signal = new AbortController().signal
const PID_FILE = `${DATA}/postmaster.pid`
const lines = (pid: number) => `${pid}\n${DATA}\n1795218747\n5432\n/run/postgresql\n\n  2188317        14        \nready   \n`

/** A context whose notes are kept, for one step without the engine. */
function contextFor(changes: Partial<StepContext> = {}) {
  const fakes = makeFakeGround()
  let noted: Readonly<Record<string, unknown>> | undefined
  const context: StepContext = { ...fakes.ground, recall: () => noted, note: async (data) => void (noted = data), ...changes }
  return { ...fakes, context, noted: () => noted }
}

t.test('clear-stale-pid', async (t) => {
  t.test('moves a file that names a living stranger, and puts it back when nothing has started since', async (t) => {
    const { context, files, processes } = contextFor()
    files.put(PID_FILE, lines(812))
    processes.put({ pid: 812, executable: '/usr/bin/psql', commandLine: 'psql -U postgres' })
    t.match(await clearStalePid.precondition(context, signal), { go: 'run', because: /pid 812, which is \/usr\/bin\/psql/ })
    t.match(await clearStalePid.run(context, signal), { ok: true, did: [/moved/] })
    t.equal(files.textOf(PID_FILE), undefined)
    t.ok(files.paths().some((path) => path.startsWith(INCIDENT) && path.endsWith('postmaster.pid')))
    t.same(processes.signals, [])
    if (typeof clearStalePid.undo === 'function') t.same(await clearStalePid.undo(context, signal), [`put ${PID_FILE} back`])
    t.equal(files.textOf(PID_FILE), lines(812))
  })

  t.test('holds for orphans, for attached shared memory and for what cannot be told', async (t) => {
    const orphans = contextFor()
    orphans.files.put(PID_FILE, lines(812))
    orphans.processes.putPostgres(DATA, { pid: 900, commandLine: 'postgres: checkpointer' })
    t.match(await clearStalePid.precondition(orphans.context, signal), { go: 'stop', held: true })
    const attached = contextFor()
    attached.files.put(PID_FILE, lines(812))
    attached.processes.sharedMemory.set(14, 1)
    const checked = clearStalePid.precondition(attached.context, signal)
    await attached.clock.advance(3_000)
    t.match(await checked, { go: 'stop', held: true })
    const hidden = contextFor()
    hidden.files.put(PID_FILE, lines(812))
    hidden.processes.put({ pid: 812, executable: undefined })
    t.match(await clearStalePid.precondition(hidden.context, signal), { go: 'stop', held: true })
  })

  t.test('waits for a process that is ending to let go of the shared memory', async (t) => {
    const { context, files, processes, clock } = contextFor()
    files.put(PID_FILE, lines(812))
    processes.sharedMemory.set(14, 1)
    const checked = clearStalePid.precondition(context, signal)
    await clock.advance(100)
    processes.sharedMemory.delete(14)
    await clock.advance(100)
    t.match(await checked, { go: 'skip', because: /dead process/ })
  })

  t.test('leaves a dead pid to the start, moves an empty file, keeps that of the living server', async (t) => {
    const { context, files, processes } = contextFor()
    files.put(PID_FILE, lines(812))
    t.match(await clearStalePid.precondition(context, signal), { go: 'skip', because: /dead process/ })
    processes.put({ pid: 812, state: 'Z', executable: undefined })
    t.match(await clearStalePid.precondition(context, signal), { go: 'run', because: /dead/ }, 'a zombie looks alive to the server')
    files.put(PID_FILE, '')
    t.match(await clearStalePid.precondition(context, signal), { go: 'run' })
    files.put(PID_FILE, lines(812))
    processes.putPostgres(DATA, { pid: 812 })
    t.match(await clearStalePid.precondition(context, signal), { go: 'skip', because: /living server/ })
  })

  t.test('a file that becomes the living server in the last moment stays', async (t) => {
    const { context, files, processes } = contextFor()
    files.put(PID_FILE, '')
    await clearStalePid.precondition(context, signal)
    files.put(PID_FILE, lines(77))
    processes.putPostgres(DATA, { pid: 77 })
    t.match(await clearStalePid.run(context, signal), { ok: true, did: [] })
    t.equal(files.textOf(PID_FILE), lines(77))
  })
})

t.test('repair-damage of a pgwatchd that is to end leaves the attempt open, because its journal alone knows of the damage', async (t) => {
  const damage = {
    kind: 'page',
    relationPath: 'base/5/16384',
    block: 3,
    message: 'invalid page in block 3 of relation base/5/16384',
  } as const
  const { context } = contextFor({ damages: [damage], hurried: () => true })
  t.match(await repairDamage.precondition(context, signal), { go: 'run' })
  t.match(await repairDamage.run(context, signal), { ok: false, suspend: true })
})

t.test('free-disk-space', async (t) => {
  const megabyte = 1024 * 1024
  t.test('takes no more than it needs: ballast before logs, never the open log', async (t) => {
    const { context, files } = contextFor()
    files.putDirectory(`${DATA}/pg_wal`)
    files.put('/.pgwatchd-ballast-15-main', new Uint8Array(48 * megabyte))
    files.put('/var/log/postgresql/server.log', 'open')
    files.put('/var/log/postgresql/server.log.1', 'old', { modifiedWallMs: 0 })
    t.match(await freeDiskSpace.precondition(context, signal), { go: 'skip' })
    files.volumeOf(DATA).availableBytes = megabyte
    t.match(await freeDiskSpace.precondition(context, signal), { go: 'run', because: /has 1 MB free and needs 40 MB/ })
    t.match(await freeDiskSpace.run(context, signal), { ok: true, did: [/removed the ballast/] })
    t.ok(files.textOf('/var/log/postgresql/server.log.1'))
  })

  t.test('holds and explains when the safe list is not enough', async (t) => {
    const { context, files } = contextFor()
    files.put(`${DATA}/pg_wal/archive_status/000000010000000000000001.ready`, '')
    files.put('/var/log/postgresql/server.log', 'open')
    files.volumeOf(DATA).availableBytes = 0
    t.match(await freeDiskSpace.run(context, signal), { ok: false, held: true, why: /1 WAL files wait for archive_command/ })
    t.equal(files.textOf('/var/log/postgresql/server.log'), 'open')
  })
})

t.test('capture-evidence keeps the evidence of a cause once, and notes the identity each time', async (t) => {
  const { context, files, clock, noted } = contextFor()
  files.put(`${DATA}/global/pg_control`, new Uint8Array(512))
  const kept = (): readonly string[] => files.paths().filter((path) => path.startsWith(`${INCIDENT}/`))
  t.match(await captureEvidence.run(context, signal), { ok: true, did: [/kept the evidence/], notDone: [] })
  const before = kept()
  t.ok(before.includes(`${INCIDENT}/evidence-crashed/summary.json`), before.join(' '))
  await clock.advance(900_000)
  t.match(await captureEvidence.run(context, signal), { ok: true, did: [] })
  t.same(kept(), before)
  t.match(noted(), { role: 'primary', postmaster: null })
  await captureEvidence.run({ ...context, assessment: { ...context.assessment, cause: 'disk-full' } }, signal)
  t.ok(kept().includes(`${INCIDENT}/evidence-disk-full/summary.json`))
})
