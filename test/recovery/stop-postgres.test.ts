import t from 'tap'
import type { PostgresFailure } from '../../src/ports/postgres.ts'
import type { StepContext, StepName } from '../../src/recovery/step.ts'
import { startPostgres } from '../../src/recovery/steps/start-postgres.ts'
import { stopPostgres } from '../../src/recovery/steps/stop-postgres.ts'
import { createFakePostgres, NO_SOCKET, rejected } from '../fakes/postgres.ts'
import type { ScriptedOpen } from '../fakes/postgres.ts'
import { done } from '../fakes/service-manager.ts'
import { DATA, makeFakeGround } from './fake-ground.ts'

const signal = new AbortController().signal
const SILENT: PostgresFailure = { kind: 'timeout', stage: 'connect', message: 'no session within 5000 ms' }
const STARTING = rejected('57P03', 'the database system is starting up')
const SHUTTING_DOWN = rejected('57P03', 'the database system is shutting down')
const pidFile = (status: string) => `900\n${DATA}\n1795218747\n5432\n/run/postgresql\n\n  2188317        14        \n${status}\n`

/** A server whose postmaster is pid 900; `drive` lets time pass until the work is done. */
function makeServer(given: { state?: string; answers?: ScriptedOpen[]; word?: string; notes?: Partial<Record<StepName, object>> }) {
  const fakes = makeFakeGround()
  const notes: Partial<Record<StepName, Readonly<Record<string, unknown>>>> = { ...(given.notes as object) }
  const postgres = createFakePostgres(fakes.clock)
  postgres.onOpen('superuser', ...(given.answers ?? ['ok']))
  fakes.processes.putPostgres(DATA, { pid: 900, state: given.state ?? 'S' })
  fakes.processes.putPostgres(DATA, { pid: 901, parentPid: 900, commandLine: 'postgres: 15/main: checkpointer ' })
  fakes.files.put(`${DATA}/postmaster.pid`, pidFile(given.word ?? 'ready'))
  fakes.commands.on(() => true, { exitCode: 0, stdout: '128MB' })
  const context: StepContext = {
    ...fakes.ground,
    outside: { ...fakes.ground.outside, postgres },
    recall: (step) => notes[step],
    note: async (data) => void (notes['stop-postgres'] = data),
  }
  const drive = async <T>(work: Promise<T>): Promise<T> => {
    const progress = { ended: false }
    const ended = work.finally(() => void (progress.ended = true))
    while (!progress.ended) await fakes.clock.advance(500)
    return ended
  }
  const take = async (): Promise<unknown> => {
    const check = await drive(stopPostgres.precondition(context, signal))
    return check.go === 'run' ? drive(stopPostgres.run(context, signal)) : check
  }
  return { ...fakes, postgres, context, drive, take, notes }
}

/** Nothing that ends a process was asked for. */
function untouched({ service, processes }: ReturnType<typeof makeServer>): boolean {
  const asked = service.requests.some((request) => request.startsWith('stop') || request === 'kill-all')
  return !asked && processes.signals.every(({ signal }) => signal === 'SIGCONT')
}

t.test('nothing runs: nothing is done', async (t) => {
  const server = makeServer({})
  server.processes.end(900)
  server.processes.end(901)
  t.match(await server.take(), { go: 'skip', because: /no process/ })
})

t.test('a server that answers anything but 57P03 is never stopped', async (t) => {
  const sayings = ['53300', '28P01', '3D000', 'XX001', '57P01', '58030', '53200'].map((sqlState) => rejected(sqlState, 'no'))
  for (const answer of ['ok' as const, ...sayings]) {
    for (const state of ['S', 'R', 'D', 't']) {
      const server = makeServer({ state, answers: [answer] })
      t.match(await server.take(), { go: 'skip', because: /answers/ })
      t.ok(untouched(server))
      t.match(await server.drive(startPostgres.precondition(server.context, signal)), { go: 'skip' })
    }
  }
})

t.test('a server that is starting or recovering is waited for, however it looks', async (t) => {
  const server = makeServer({ state: 'D', answers: [STARTING], word: 'starting' })
  t.match(await server.take(), { go: 'skip', because: /on its way/ })
  const young = makeServer({ answers: [NO_SOCKET], word: 'starting' })
  t.match(await young.take(), { go: 'skip', because: /does not listen yet/ })
  t.ok(untouched(server) && untouched(young))
})

t.test('a shutdown that is under way is waited for, and never made harder', async (t) => {
  const ends = makeServer({ answers: [SHUTTING_DOWN], word: 'stopping' })
  ends.clock.after(3_000, () => [900, 901].forEach(ends.processes.end))
  t.match(await ends.take(), { ok: true, did: [/waited for the shutdown/] })
  const waits = makeServer({ answers: [SHUTTING_DOWN], word: 'stopping' })
  t.match(await waits.take(), { ok: false, held: true, why: /waits for its sessions/ })
  t.ok(untouched(ends) && untouched(waits))
})

t.test('silence alone proves nothing: a postmaster that is neither stopped nor hung in the kernel is left', async (t) => {
  for (const state of ['S', 'R', 't']) {
    const server = makeServer({ state, answers: [SILENT] })
    t.match(await server.take(), { go: 'stop', held: true, because: /nothing proves that it hangs/ })
    t.ok(untouched(server))
  }
  const unreachable = makeServer({ state: 'D', answers: [{ kind: 'unreachable', stage: 'connect', message: 'EACCES' }] })
  t.match(await unreachable.take(), { go: 'stop', held: true })
  const socketless = makeServer({ answers: [NO_SOCKET] })
  t.match(await socketless.take(), { go: 'stop', held: true })
  t.ok(untouched(unreachable) && untouched(socketless))
})

t.test('a hiccup of the storage that is over by now costs nothing', async (t) => {
  for (const answers of [
    [SILENT, 'ok' as const],
    [SILENT, SILENT, SILENT, 'ok' as const],
  ]) {
    const server = makeServer({ state: 'D', answers })
    await server.take()
    t.ok(untouched(server))
  }
})

t.test('a postmaster that waits in the kernel is never stopped: no signal reaches it, and it goes on by itself', async (t) => {
  const server = makeServer({ state: 'D', answers: ['hang'] })
  t.match(await server.take(), { go: 'stop', held: true, because: /waits in the kernel, where no signal reaches it/ })
  const thawed = makeServer({ state: 'T', answers: ['hang'] })
  thawed.processes.onSignal = (process) => void thawed.processes.put({ ...process, state: 'D' })
  t.match(await thawed.take(), { ok: false, held: true, why: /waits in the kernel/, did: [/SIGCONT/] })
  t.ok(untouched(server) && untouched(thawed))
})

t.test('one that comes to wait in the kernel while it is stopped is not stopped harder', async (t) => {
  const server = makeServer({ state: 'T', answers: ['hang'] })
  server.service.onStop = () => (void server.processes.putPostgres(DATA, { pid: 900, state: 'D' }), done())
  t.match(await server.take(), { ok: false, held: true, why: /not stopped harder/ })
  t.same(server.service.requests, ['hold', 'stop fast'])
})

t.test('one that was killed and lives on cannot be stopped', async (t) => {
  const server = makeServer({ state: 'T', answers: ['hang'] })
  const die = () => [900, 901].map((pid) => server.processes.putPostgres(DATA, { pid, state: 'D', killPending: true }))
  server.processes.onSignal = (_, sent) => void (sent === 'SIGKILL' ? die() : [])
  server.service.onStop = () => done()
  server.service.onKillAll = () => (die(), done())
  t.match(await server.take(), { ok: false, cannotBeStopped: true, why: /survived SIGKILL/ })
})

t.test('a postmaster that is stopped and does not go on is ended at the gentlest way that works', async (t) => {
  const server = makeServer({ state: 'T', answers: ['hang'] })
  server.service.onStop = () => ([900, 901].forEach(server.processes.end), done())
  t.match(await server.take(), { ok: true, did: [/a fast shutdown/] })
  t.same(server.service.requests, ['hold', 'stop fast'])
  t.match(server.notes['stop-postgres'], { ended: true })
})

t.test('between two ways it looks again: what came to itself is not stopped harder', async (t) => {
  const silence = Array.from({ length: 3 }, () => SILENT)
  const answers = makeServer({ state: 'T', answers: [...silence, 'ok'] })
  answers.service.onStop = () => done()
  t.match(await answers.take(), { ok: true, did: [/answers again/] })
  t.same(answers.service.requests, ['hold', 'stop fast'])
  const stops = makeServer({ state: 'T', answers: [...silence, SHUTTING_DOWN] })
  stops.service.onStop = () => {
    stops.files.put(`${DATA}/postmaster.pid`, pidFile('stopping'))
    stops.clock.after(8_000, () => [900, 901].forEach(stops.processes.end))
    return done()
  }
  t.match(await stops.take(), { ok: true, did: [/waited for the shutdown/] })
  t.same(stops.service.requests, ['hold', 'stop fast'])
})

t.test('a suspended postmaster goes on, and is not stopped whatever it says then', async (t) => {
  for (const answers of [['ok' as const], [rejected('53300', 'too many')], [STARTING], [SILENT]]) {
    const server = makeServer({ state: 'T', answers })
    server.processes.onSignal = (process) => void server.processes.put({ ...process, state: 'S' })
    t.match(await server.take(), answers[0] === SILENT ? { ok: false, held: true } : { ok: true, did: [/SIGCONT/] })
    t.ok(untouched(server))
  }
  const deaf = makeServer({ state: 'T', answers: ['hang'] })
  deaf.processes.onSignal = (process, sent) => (sent === 'SIGKILL' ? deaf.processes.end(process.pid) : undefined)
  deaf.service.onStop = () => done()
  deaf.service.onKillAll = () => ([900, 901].forEach(deaf.processes.end), done())
  t.match(await deaf.take(), { ok: true, did: [/SIGKILL to the whole service/] })
})

t.test('orphans are ended by SIGTERM, and a server that somebody starts meanwhile is not touched', async (t) => {
  const server = makeServer({ answers: [NO_SOCKET] })
  server.processes.end(900)
  server.processes.onSignal = ({ pid }) => server.processes.end(pid)
  t.match(await server.take(), { ok: true })
  t.same(server.processes.signals, [{ pid: 901, signal: 'SIGTERM' }])
  t.same(server.service.requests, ['hold'])

  const replaced = makeServer({ answers: [NO_SOCKET] })
  replaced.processes.end(900)
  replaced.processes.onSignal = ({ pid }) => (replaced.processes.end(pid), void replaced.processes.putPostgres(DATA, { pid: 1200 }))
  t.match(await replaced.take(), { ok: true })
  t.same(replaced.processes.signals, [{ pid: 901, signal: 'SIGTERM' }])
  t.ok(replaced.processes.inspect(1200))
})

t.test('a postmaster that was started after the attempt began is waited for, also where it answers nobody', async (t) => {
  for (const postmaster of [null, { pid: 700, startTimeTicks: 1 }]) {
    const server = makeServer({ state: 'D', answers: [SILENT], notes: { 'capture-evidence': { postmaster } } })
    t.match(await server.take(), { go: 'skip', because: /started after this attempt began/ })
  }
})

t.test('what check-data-files refused to start is not started by the undo', async (t) => {
  const server = makeServer({ notes: { 'stop-postgres': { ended: true } } })
  ;[900, 901].forEach(server.processes.end)
  const { undo } = stopPostgres
  if (typeof undo !== 'function') throw new Error('it has an undo')
  await t.rejects(undo({ ...server.context, endedBy: 'check-data-files' }, signal), /check-data-files/)
  t.same(server.service.requests, ['release'])
})

t.test('a pgwatchd that is to end does not wait for a server that is on its way', async (t) => {
  const server = makeServer({ answers: [STARTING], word: 'starting' })
  const context = { ...server.context, hurried: () => true }
  t.match(await server.drive(startPostgres.run(context, signal)), { ok: false, suspend: true })
  t.same(server.service.requests, ['release'], 'it runs already, so nothing is asked for')
})

t.test('but it does wait for a requested start to come about, and for a server that serves at once', async (t) => {
  const server = makeServer({ answers: ['ok'] })
  ;[900, 901].forEach(server.processes.end)
  server.service.onStart = () => (void server.clock.after(1_000, () => server.processes.putPostgres(DATA, { pid: 950 })), done())
  const context = { ...server.context, hurried: () => true }
  t.match(await server.drive(startPostgres.run(context, signal)), { ok: true })
})
