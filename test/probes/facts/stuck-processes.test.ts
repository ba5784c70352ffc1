import t from 'tap'
import type { ProcessStatus } from '../../../src/ports/processes.ts'
import { lookAtStuck } from '../../../src/probes/facts/stuck-processes.ts'
import { createFakeClock } from '../../fakes/clock.ts'
import { createFakeProcesses } from '../../fakes/processes.ts'

const DATA = '/data'

/** Looks at a server whose postmaster is 100 and whose checkpointer is 101; `meanwhile` happens between the two looks. */
async function look(
  of: { postmaster?: Partial<ProcessStatus>; checkpointer?: Partial<ProcessStatus> },
  meanwhile: Partial<ProcessStatus> = {},
) {
  const [clock, processes] = [createFakeClock(), createFakeProcesses()]
  const leader = processes.putPostgres(DATA, { pid: 100, ...of.postmaster })
  const child = { pid: 101, parentPid: 100, commandLine: 'postgres: 15/main: checkpointer ', ...of.checkpointer }
  processes.putPostgres(DATA, child)
  const seen = { processes: processes.postgresIn(DATA), leader }
  clock.after(100, () => processes.putPostgres(DATA, { ...child, ...meanwhile }))
  const looking = lookAtStuck({ clock, processes }, seen, new AbortController().signal)
  await clock.advance(1_000)
  return looking
}

t.test('a healthy server has none', async (t) => {
  t.strictSame(await look({ postmaster: { waitChannel: 'ep_poll' } }), [])
  t.strictSame(await look({ checkpointer: { state: 't' } }), [], 'a debugger is somebody at work')
})

t.test('stopped by a signal, the postmaster first', async (t) => {
  t.match(await look({ postmaster: { state: 'T' }, checkpointer: { state: 'T' } }, { state: 'T' }), [
    { pid: 100, title: 'postmaster', how: 'stopped' },
    { pid: 101, title: 'checkpointer', how: 'stopped' },
  ])
})

t.test('in the kernel is only what has not moved between two looks', async (t) => {
  const sleeping = { checkpointer: { state: 'D', waitChannel: 'nfs4_wait', cpuTicks: 5, ioBytes: 9 } }
  t.match(await look(sleeping), [{ pid: 101, how: 'in-kernel', waitChannel: 'nfs4_wait', isKilled: false }])
  t.match(await look(sleeping, { killPending: true }), [{ isKilled: true }])
  t.strictSame(await look(sleeping, { ioBytes: 10 }), [], 'it has read or written')
  t.strictSame(await look(sleeping, { cpuTicks: 6 }), [], 'it has computed')
  t.strictSame(await look(sleeping, { state: 'S' }), [], 'it sleeps as usual')
  t.strictSame(await look(sleeping, { startTimeTicks: 1 }), [], 'it is another process')
})

t.test('a frozen control group is told from a disk, for both versions', async (t) => {
  t.match(await look({ postmaster: { state: 'D', waitChannel: '__refrigerator' } }), [{ how: 'frozen' }])
  t.match(await look({ postmaster: { state: 'S', waitChannel: 'do_freezer_trap' } }), [{ how: 'frozen' }])
})
