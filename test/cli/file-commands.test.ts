import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import { spellDuration } from '../../src/cli/durations.ts'
import type { Incident } from '../../src/core/incident.ts'
import { runWords } from './io.ts'

const OPENED = Date.UTC(2026, 10, 21, 11)

function incident(id: string, changed: Partial<Incident> = {}): Incident {
  return {
    version: 1,
    id,
    cluster: '15-main',
    cause: 'crashed',
    openedAtWallMs: OPENED,
    closedAtWallMs: OPENED + 1_200,
    verdict: 'the postmaster is gone',
    evidence: ['no process 812'],
    ruledOut: ['not starting'],
    attempts: 1,
    downtimeMs: 1_200,
    outcome: 'recovered',
    timeline: [{ wallMs: OPENED + 300, text: 'recovery started' }],
    ...changed,
  }
}

/** A state directory with these incidents and a configuration that names it. */
function stateWith(test: Test, incidents: readonly Incident[]): string {
  const directory = test.testdir({ 'pgwatch.yaml': '', incidents: {} })
  writeFileSync(join(directory, 'pgwatch.yaml'), `state_directory: ${directory}\n`)
  for (const each of incidents) {
    const folder = join(directory, 'incidents', each.id)
    mkdirSync(join(folder, 'pages'), { recursive: true })
    writeFileSync(join(folder, 'incident.json'), JSON.stringify(each))
    writeFileSync(join(folder, 'pages', '0.bin'), Buffer.alloc(8_192))
  }
  return join(directory, 'pgwatch.yaml')
}

t.test('incidents are listed, the newest first', async (test) => {
  const later = { openedAtWallMs: OPENED + 3_000_000, closedAtWallMs: undefined, downtimeMs: undefined, cluster: 'other', outcome: '' }
  const config = stateWith(test, [incident('a1'), incident('b2', later)])
  const { exitCode, stdout } = await runWords(['incidents', '-c', config])
  test.equal(exitCode, 0)
  const lines = stdout.split('\n')
  test.match(lines[1], /^b2 {2}other {4}crashed {2}2026-11-21 11:50:00Z {2}- {6}open for 10 min {2}the postmaster is gone$/)
  test.match(lines[2], /^a1 {2}15-main {2}crashed {2}2026-11-21 11:00:00Z {2}1\.2 s {2}recovered {8}the postmaster/)
  test.match(JSON.parse((await runWords(['incidents', '--json', '-c', config, '--cluster', '15-main'])).stdout), [{ id: 'a1' }])
})

t.test('only the newest are listed unless all are asked for', async (test) => {
  const many = Array.from({ length: 25 }, (_, index) => incident(`i${index + 10}`, { openedAtWallMs: OPENED + index }))
  const config = stateWith(test, many)
  const { stdout } = await runWords(['incidents', '-c', config])
  test.match(stdout, /^ID .*\ni34 [^]*\n5 older not shown: --all shows them\n$/)
  test.equal((await runWords(['incidents', '--all', '-c', config])).stdout.trim().split('\n').length, 26)
})

t.test('one incident is told in full, by the beginning of its id or as the last', async (test) => {
  const config = stateWith(test, [incident('20261121T110000Z-15-main-crashed-3f2a'), incident('20261120T110000Z-x', { openedAtWallMs: 5 })])
  const { exitCode, stdout } = await runWords(['incidents', '20261121', '-c', config])
  test.equal(exitCode, 0)
  const expected = [
    '- no process 812',
    '- not starting',
    '11:00:00.300  +300 ms  recovery started',
    '(recovered)',
    /pages\/0\.bin +8\.0 kB/,
  ]
  for (const text of expected) test.match(stdout, text)
  test.equal((await runWords(['incidents', 'last', '-c', config])).stdout, stdout)
  const json: unknown = JSON.parse((await runWords(['incidents', 'last', '--json', '-c', config])).stdout)
  test.match(json, { cause: 'crashed', files: [{ name: 'incident.json' }, { name: 'pages/0.bin', sizeBytes: 8_192 }] })
  test.match(await runWords(['incidents', '2026', '-c', config]), { exitCode: 1, stderr: /2 incidents begin with 2026/ })
  test.match(await runWords(['incidents', '../../etc', '-c', config]), { exitCode: 1, stderr: /there is no incident \.\.\/\.\.\/etc/ })
})

t.test('no incidents, broken ones and unreadable ones', async (test) => {
  const none = stateWith(test, [])
  test.match(await runWords(['incidents', '-c', none]), { exitCode: 0, stdout: 'no incidents\n' })
  const broken = join(none, '..', 'incidents', 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'incident.json'), '{')
  test.match(await runWords(['incidents', '-c', none]), { exitCode: 0, stdout: 'no incidents\n' })
  const notDirectory = join(test.testdir({ incidents: 'a file' }), 'pgwatch.yaml')
  writeFileSync(notDirectory, `state_directory: ${join(notDirectory, '..')}\n`)
  test.match(await runWords(['incidents', '-c', notDirectory]), {
    exitCode: 1,
    stderr: /cannot read .*incidents: a part of the path is no directory/,
  })
})

t.test('check-config tells mistakes with their place', async (test) => {
  const file = join(test.testdir({ 'pgwatch.yaml': 'watch:\n  intervall: 10s\n' }), 'pgwatch.yaml')
  const ran = await runWords(['check-config', file])
  test.equal(ran.exitCode, 2)
  test.match(ran.stdout, `${file}:2:3: `)
  test.match(ran.stdout, 'interval')
  test.match(ran.stderr, /^1 mistake in /)
  test.match(JSON.parse((await runWords(['check-config', '--json', '-c', file])).stdout), { ok: false, problems: [{ line: 2, column: 3 }] })
  test.match(await runWords(['check-config', '/nonexistent']), { exitCode: 78, stderr: /cannot read the configuration/ })
})

t.test('a command that needs the configuration tells its mistakes too', async (test) => {
  const file = join(test.testdir({ 'pgwatch.yaml': 'nonsense: 1\n' }), 'pgwatch.yaml')
  test.match(await runWords(['setup-database', '-c', file]), { exitCode: 78, stderr: /is not valid:\n.*pgwatch\.yaml:1:1: / })
})

t.test('durations for people', async (test) => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 ms'],
    [870, '870 ms'],
    [1_240, '1.2 s'],
    [59_900, '59 s'],
    [60_000, '1 min'],
    [184_000, '3 min 4 s'],
    [5_400_000, '1 h 30 min'],
    [190_800_000, '2 d 5 h'],
    [-5, '0 ms'],
  ]
  for (const [ms, text] of cases) test.equal(spellDuration(ms), text)
})
