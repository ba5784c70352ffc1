import t from 'tap'
import type { Assessment } from '../../src/core/cause.ts'
import type { Readings } from '../../src/core/reading.ts'
import { runWords } from './io.ts'
import { bench, cluster, crashed, done, healthy, NOW, reading, readingsWith, status } from './scripted-daemon.ts'

t.test('status of a healthy cluster is short', async (test) => {
  const { run } = await bench(test, () => [status([cluster()]), done('')])
  const ran = await run('status')
  test.equal(ran.exitCode, 0)
  test.matchStrict(ran.stdout, /^pgwatchd 0\.1\.0, pid 812, up for 1 min, configured by \/etc\/pgwatch\.yaml\n\n15-main {2}healthy\n/)
  test.match(ran.stdout, /healthy {4}for 1 h\n {2}last look {2}2\.0 s ago\n$/)
  test.notMatch(ran.stdout, 'VERDICT')
})

t.test('status of trouble tells everything', async (test) => {
  const troubled = cluster({
    mode: 'recovering',
    cause: 'crashed',
    step: 'start-postgres',
    failuresInRow: 3,
    attemptsInWindow: 1,
    cooldownUntilWallMs: NOW,
    incidentId: '20261121T014412Z-15-main',
    healthySinceWallMs: null,
    readings: readingsWith({ service: reading('service', 'fail', { detail: 'no postmaster' }) }),
    assessment: crashed,
  })
  const other = cluster({ name: 'other', mode: 'paused', pausedUntilWallMs: NOW + 60_000 })
  const { run } = await bench(test, () => [
    status([troubled, other], { stateSaved: false, outbox: { waiting: 2, lastError: 'refused' } }),
    done(''),
  ])
  const { stdout } = await run('status')
  for (const text of ['cannot be saved', '2 mails waiting to be sent: refused', 'start-postgres', '3 in a row', '1 of 3'])
    test.match(stdout, text)
  for (const text of ['no postmaster', '- no process', '- not starting', 'until 2026-11-21 12:01:00Z', '20261121T014412Z-15-main'])
    test.match(stdout, text)
  test.notMatch((await run('status', '--cluster', 'other')).stdout, 'recovering')
  test.match(await run('status', '--cluster', 'none'), { exitCode: 1, stderr: /no cluster none\nthere are: 15-main, other/ })
  test.match(JSON.parse((await run('status', '--json')).stdout), { pid: 812, clusters: [{ mode: 'recovering' }, { name: 'other' }] })
})

t.test('without a daemon the commands say so, and how to start it', async (test) => {
  const { run } = await bench(test)
  for (const words of [['status'], ['recover', '--plan'], ['recover', '--yes'], ['pause'], ['resume'], ['test-alert']]) {
    const ran = await run(...words)
    test.equal(ran.exitCode, 3, words.join(' '))
    test.match(ran.stderr, /pgwatchd is not running: no socket at .*control\.sock\nstart it with: systemctl start pgwatchd\n/)
  }
  test.match(JSON.parse((await run('status', '--json')).stdout), { error: { code: 'daemon-absent', hint: /systemctl start/ } })
})

t.test('probe tells by its exit code how things are', async (test) => {
  const warned = { ...healthy, warnings: [{ key: 'disk', sentence: 'disk at 84 %' }] }
  const noGround = reading('write', 'unknown', { reason: 'no-ground' })
  const cases: readonly (readonly [number, Readings, Assessment])[] = [
    [0, readingsWith(), healthy],
    [0, readingsWith({ write: noGround }), healthy],
    [1, readingsWith(), warned],
    [1, readingsWith({ disk: reading('disk', 'warn', { reason: 'almost-full' }) }), healthy],
    [2, readingsWith({ service: reading('service', 'fail') }), crashed],
    [2, readingsWith({ latency: reading('latency', 'fail') }), healthy],
    [3, readingsWith({ connection: reading('connection', 'unknown', { reason: 'no-ground' }) }), healthy],
    [3, readingsWith({ disk: reading('disk', 'unknown') }), warned],
  ]
  for (const [exitCode, readings, assessment] of cases) {
    const { run } = await bench(test, () => [{ type: 'probe', clusters: [{ name: '15-main', readings, assessment }] }, done('')])
    test.equal((await run('probe')).exitCode, exitCode)
    test.match(JSON.parse((await run('probe', '--json')).stdout), {
      overall: ['ok', 'warning', 'critical', 'unknown'][exitCode],
      lookedBy: 'daemon',
    })
  }
})

t.test('probe prints a table and the verdict, and asks for the cluster', async (test) => {
  const readings = readingsWith({ service: reading('service', 'fail', { detail: 'no postmaster' }) })
  const { run, requests } = await bench(test, () => [
    { type: 'probe', clusters: [{ name: '15-main', readings, assessment: crashed }] },
    done(''),
  ])
  const { stdout } = await run('probe', '--cluster', '15-main')
  test.match(stdout, /^15-main {2}critical\n {2}PROBE {11}VERDICT {2}TOOK {2}DETAIL\n {2}service {9}fail {5}4 ms {2}no postmaster\n/)
  test.match(stdout, '  crashed: the postmaster is gone\n  Evidence\n    - no process\n  Ruled out\n    - not starting\n')
  test.strictSame(requests, [{ command: 'probe', cluster: '15-main' }])
})

t.test('probe of an unknown cluster, or with a broken configuration, is unknown', async (test) => {
  const { run } = await bench(test, () => [{ type: 'done', ok: false, code: 'unknown-cluster', text: 'there is no cluster x', hint: 'y' }])
  test.match(await run('probe', '--cluster', 'x'), { exitCode: 3, stderr: /there is no cluster x\ny\n/ })
  test.match(await runWords(['probe', '--config', '/nonexistent']), {
    exitCode: 3,
    stderr: /cannot read the configuration .*: there is no such file/,
  })
})

t.test('recover asks for the name, streams its progress and reports the end', async (test) => {
  const { run, runWith, requests } = await bench(test, ({ command }) =>
    command === 'status' ? [status([cluster()]), done('')] : [{ type: 'progress', text: 'step stop-postgres' }, done('serving again')],
  )
  test.match(await run('recover'), { exitCode: 1, stderr: /must be confirmed\n.*--yes/ })
  test.match(await runWith({ typed: 'yes' }, 'recover'), { exitCode: 1, stderr: /Type the cluster's name \(15-main\).*not confirmed/ })
  test.notOk(
    requests.some((request) => request.command === 'recover'),
    'nothing was asked of the daemon',
  )
  test.match(await runWith({ typed: ' 15-main ' }, 'recover'), { exitCode: 0, stdout: 'step stop-postgres\nserving again\n' })
  test.strictSame(requests.at(-1), { command: 'recover', planOnly: false, cluster: '15-main' })
  const lines = (await run('recover', '--yes', '--json')).stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
  test.match(lines, [{ type: 'progress' }, { type: 'done', ok: true }])
})

t.test('recover names what it refuses', async (test) => {
  const { run } = await bench(test, ({ command }) =>
    command === 'status'
      ? [status([cluster(), cluster({ name: 'other' })]), done('')]
      : [{ type: 'done', ok: false, code: 'busy', text: 'a recovery is under way', hint: 'wait' }],
  )
  test.match(await run('recover', '--yes'), { exitCode: 1, stderr: /several clusters are watched: name one\n--cluster 15-main \| other/ })
  test.match(await run('recover', '--yes', '--cluster', 'x'), { exitCode: 1, stderr: /watches no cluster x/ })
  test.match(await run('recover', '--yes', '--cluster', 'other'), { exitCode: 1, stderr: /a recovery is under way\nwait\n/ })
})

t.test('recover --plan shows each step and asks for nothing', async (test) => {
  const steps = [
    { name: 'stop-postgres', purpose: 'p', go: 'skip', because: 'it is down', changes: 'ends sessions' },
    { name: 'start-postgres', purpose: 'p', go: 'run', because: 'it is down', changes: 'starts the unit' },
  ] as const
  const { run, requests } = await bench(test, () => [
    { type: 'plan', cluster: '15-main', steps, remedies: [], verdict: 'the postmaster is gone' },
    done(''),
  ])
  const { stdout } = await run('recover', '--plan')
  const table = ['STEP            NOW   WHY', 'stop-postgres   skip  it is down', 'start-postgres  run   it is down; starts the unit']
  test.equal(stdout, `15-main  the postmaster is gone\n${table.map((line) => `  ${line}\n`).join('')}`)
  test.strictSame(requests, [{ command: 'recover', planOnly: true }])
  test.match(JSON.parse((await run('recover', '--plan', '--json')).stdout), { type: 'plan', steps: [{ go: 'skip' }, { go: 'run' }] })
})

t.test('pause, resume and test-alert pass on what was typed and what was answered', async (test) => {
  const { run, requests } = await bench(test, ({ command }) => [done(`${command} done`)])
  test.match(await run('pause', '--for', '30m', '--cluster', 'a'), { exitCode: 0, stdout: 'pause done\n' })
  test.match(await run('pause'), { exitCode: 0 })
  test.match(await run('resume'), { exitCode: 0, stdout: 'resume done\n' })
  test.match(JSON.parse((await run('test-alert', '--json')).stdout), { ok: true, text: 'test-alert done' })
  test.strictSame(requests, [
    { command: 'pause', by: 'tester', cluster: 'a', forMs: 1_800_000 },
    { command: 'pause', by: 'tester' },
    { command: 'resume', by: 'tester' },
    { command: 'test-alert' },
  ])
})
