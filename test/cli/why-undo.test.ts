import t from 'tap'
import type { Explanation, PlannedRemedy, UndoLine } from '../../src/daemon/control-protocol.ts'
import type { RemedyFacts } from '../../src/recovery/remedies/remedy.ts'
import { bench, crashed, done, NOW } from './scripted-daemon.ts'

const REMEDY: RemedyFacts = {
  name: 'end-idle-sessions',
  purpose: 'ensure that a login is possible again',
  changes: 'ends sessions',
  keeps: 'their list',
  undo: 'impossible',
  proof: 'a login',
  cost: 'sessions',
}

const EXPLANATION: Explanation = {
  name: '15-main',
  mode: 'recovering',
  modeSinceWallMs: NOW - 2000,
  sentence: 'the postmaster is gone. Failure confirmed',
  decided: {
    wallMs: NOW - 2000,
    was: 'healthy',
    mode: 'recovering',
    why: 'Failure confirmed',
    event: 'failure-proven',
    effects: ['open-incident', 'start-recovery'],
    assessment: crashed,
    incidentId: '20261121T115958Z-15-main-crashed-ab12',
  },
  lastIncident: null,
  cause: 'crashed',
  remedies: [REMEDY],
  restartHelps: true,
}

t.test('why tells the decision, its evidence, what was ruled out, and what there is for the cause', async (test) => {
  const { run, requests } = await bench(test, () => [{ type: 'why', clusters: [EXPLANATION] }, done('')])
  const { stdout, exitCode } = await run('why', '--cluster', '15-main')
  test.equal(exitCode, 0)
  for (const text of ['Failure confirmed (healthy → recovering)', '2.0 s ago', 'start-recovery', '- no process', '- not starting'])
    test.match(stdout, text)
  test.match(stdout, /end-idle-sessions +sessions +ensure that a login is possible again\n +recovery pipeline/)
  test.strictSame(requests, [{ command: 'why', cluster: '15-main' }])
  test.match(JSON.parse((await run('why', '--json')).stdout), [{ name: '15-main', decided: { why: 'Failure confirmed' } }])
})

t.test('why without a decision tells of the last incident, or of none', async (test) => {
  const quiet: Explanation = { ...EXPLANATION, mode: 'healthy', decided: null, cause: null, remedies: [], restartHelps: false }
  const { run } = await bench(test, () => [{ type: 'why', clusters: [quiet] }, done('')])
  test.match((await run('why')).stdout, /nothing was decided since pgwatchd started\n {2}and no incident is known/)
})

const LINES: readonly UndoLine[] = [
  { change: 'moved a to b', by: 'clear-stale-pid', wallMs: NOW, outcome: 'would-undo', detail: 'move b back to a' },
  { change: 'removed c', by: 'release-ballast', wallMs: NOW, outcome: 'not-undone', detail: 'it was removed for its room' },
]

t.test('undo shows what it would do, and does it only when confirmed', async (test) => {
  const { run, requests } = await bench(test, (request) =>
    request.command === 'undo' && request.planOnly
      ? [{ type: 'undo', cluster: '15-main', incident: 'i1', lines: LINES }, done('nothing was changed yet')]
      : [
          { type: 'undo', cluster: '15-main', incident: 'i1', lines: [{ ...(LINES[0] as UndoLine), outcome: 'undone' }] },
          done('1 of 1 changes taken back; 15-main is paused until pgwatchd resume'),
        ],
  )
  const planned = await run('undo', 'i1', '--plan')
  test.match(planned, { exitCode: 0, stdout: /would undo +move b back to a\n.*not undone +it was removed for its room/ })
  test.match(planned.stdout, 'nothing was changed yet')
  test.match(await run('undo', 'i1'), { exitCode: 1, stderr: /must be confirmed\n.*--yes/ })
  test.strictSame([...new Set(requests.map((request) => 'planOnly' in request && request.planOnly))], [true], 'only plans were asked for')
  test.match(await run('undo', 'i1', '--yes'), { exitCode: 0, stdout: /paused until pgwatchd resume/ })
  test.match(JSON.parse((await run('undo', 'i1', '--yes', '--json')).stdout), { incident: 'i1', lines: [{ outcome: 'undone' }] })
})

t.test('an undo that fails for one change exits with a failure', async (test) => {
  const lines: readonly UndoLine[] = [{ change: 'x', by: 'y', wallMs: NOW, outcome: 'failed', detail: 'cannot rename x: EIO' }]
  const { run } = await bench(test, () => [{ type: 'undo', cluster: '15-main', incident: 'i1', lines }, done('0 of 1')])
  test.match(await run('undo', 'last', '--yes'), { exitCode: 1, stdout: /failed +cannot rename x: EIO/ })
})

t.test('a plan shows the ladder beside the steps', async (test) => {
  const remedy: PlannedRemedy = { ...REMEDY, target: '15-main', go: 'run', because: '97 of 97 slots are taken' }
  const { run } = await bench(test, () => [{ type: 'plan', cluster: '15-main', verdict: 'full', steps: [], remedies: [remedy] }, done('')])
  test.match((await run('recover', '--plan')).stdout, /end-idle-sessions +15-main +run +sessions +97 of 97 slots are taken; ends sessions/)
})
