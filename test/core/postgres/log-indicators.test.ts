import t from 'tap'
import { readLogEnding } from '../../../src/core/postgres/log-ending.ts'
import { mergeIndicators, NO_INDICATORS, readIndicators, seemsUrgent } from '../../../src/core/postgres/log-indicators.ts'
import { parseServerLine } from '../../../src/core/postgres/log-line.ts'

const TIME = '2026-11-21 01:02:03.456 UTC'
const PREFIXES = ['', `${TIME} [4711] `, `${TIME} [4711] app@shop `, 'user=app,db=shop,app=psql,client=10.0.0.1 ', '<XX000> ']
const MISSING = 'No such file or directory'

t.test('a message is found behind any prefix, in csvlog and in jsonlog', async (t) => {
  const expected = { severity: 'PANIC', text: 'could not write to file "pg_wal/xlogtemp.17347": No space left on device' }
  for (const prefix of PREFIXES) {
    t.strictSame(parseServerLine(`${prefix}PANIC:  ${expected.text}`), expected, prefix)
    t.strictSame(parseServerLine(`${prefix}PANIC:  53100: ${expected.text}`), expected, 'log_error_verbosity = verbose')
  }
  const quoted = expected.text.replaceAll('"', '""')
  t.strictSame(
    parseServerLine(`2026-11-21 01:02:03.456 UTC,,,4711,,65b,1,,2026-11-21,,0,PANIC,53100,"${quoted}",,,,,,,,,"","checkpointer"`),
    expected,
  )
  t.strictSame(
    parseServerLine(JSON.stringify({ pid: 4711, error_severity: 'PANIC', state_code: '53100', message: expected.text })),
    expected,
  )
})

t.test('what clients say is not taken for what the server says', async (t) => {
  for (const line of [
    '2026-11-21 UTC [1] STATEMENT:  insert into t values (\'PANIC:  could not fsync file "x": Input/output error\')',
    '\tPANIC:  could not fsync file "base/5/1": Input/output error',
    '2026-11-21 UTC [1] DETAIL:  Failed on request of size 8192.',
    '2026-11-21 UTC [1] ERROR:  invalid input syntax for type integer: "No space left on device"',
    "2026-11-21 UTC [1] LOG:  statement: select 'received fast shutdown request'",
    '2026-11-21 UTC [1] ERROR:  unrecognized configuration parameter "nonsense"',
    '{"half": ',
    '',
  ])
    t.strictSame(readIndicators([line]), NO_INDICATORS, line)
})

t.test('each indicator by the words of the server', async (t) => {
  const cases: readonly (readonly [string, object])[] = [
    ['ERROR:  could not extend file "base/5/16384": No space left on device', { outOfSpace: true, ioError: false }],
    ['FATAL:  could not write lock file "postmaster.pid": No space left on device', { outOfSpace: true, lastFatal: /lock file/ }],
    ['ERROR:  could not extend file "base/5/16384": Disk quota exceeded', { outOfSpace: false, quotaExceeded: true }],
    ['PANIC:  could not fsync file "base/5/16384": Input/output error', { ioError: true, panics: [/fsync/], lastFatal: /fsync/ }],
    ['FATAL:  could not read block 7 in file "base/5/16384": Input/output error', { ioError: true, damages: [] }],
    ['PANIC:  could not fsync file "base/5/16384": No space left on device', { ioError: false, outOfSpace: true }],
    ['PANIC:  could not fsync file "base/5/16384": Disk quota exceeded', { ioError: false, quotaExceeded: true }],
    ['PANIC:  could not write to file "pg_wal/x": Read-only file system', { ioError: true, outOfSpace: false }],
    ['LOG:  received fast shutdown request', { shutdownRequested: true }],
    ['LOG:  received immediate shutdown request', { shutdownRequested: true }],
    ['LOG:  server process (PID 4711) was terminated by signal 9: Killed', { backendCrashed: true }],
    ['LOG:  background worker "logical replication launcher" (PID 4711) exited with exit code 1', { backendCrashed: false }],
    ['ERROR:  out of memory', { outOfMemory: true }],
    ['LOG:  could not fork new process for connection: Cannot allocate memory', { outOfMemory: true }],
    [
      'FATAL:  configuration file "/etc/postgresql.conf" contains errors',
      { configurationErrors: [/contains errors/], lastFatal: /contains/ },
    ],
    ['LOG:  syntax error in file "/etc/postgresql/15/main/postgresql.conf" line 3, near end of line', { configurationErrors: [/line 3/] }],
    ['FATAL:  could not load /etc/postgresql/15/main/pg_hba.conf', { configurationErrors: [/pg_hba/] }],
    ['FATAL:  the database system is starting up', { lastFatal: '' }],
    ['FATAL:  password authentication failed for user "app"', { lastFatal: '' }],
  ]
  for (const [line, expected] of cases) t.match(readIndicators([`2026-11-21 UTC [1] ${line}`]), expected, line)
})

t.test('what a client may raise with any text is not taken for the word of the server', async (t) => {
  const raised = [
    ['ERROR:  could not fsync file "base/5/1": Input/output error'],
    ['WARNING:  could not write to file "base/5/1": No space left on device'],
    ['LOG:  received fast shutdown request', 'CONTEXT:  PL/pgSQL function inline_code_block line 1 at RAISE'],
    ['LOG:  server process (PID 7) was terminated by signal 9: Killed', 'DETAIL:  x', 'STATEMENT:  do $$ begin raise log ... end $$'],
    ['LOG:  first', '\tPANIC:  could not fsync file "base/5/1": Input/output error'],
    ['LOG:  invalid page in block 50 of relation base/5/16384'],
  ]
  for (const lines of raised) {
    const said = readIndicators(lines.map((line) => (line.startsWith('\t') ? line : `2026-11-21 UTC [1] ${line}`)))
    t.strictSame(said, NO_INDICATORS, lines.join(' / '))
  }
  const named = 'app=PANIC:  could not fsync file "x": Input/output error '
  t.strictSame(readIndicators([`${named}ERROR:  division by zero`, `${named}STATEMENT:  select 1/0`]), NO_INDICATORS, 'application_name')
  const csv = (user: string, rest: string): string =>
    `2026-11-21 01:02:03.456 UTC,${user},${user},4711,"",65b,1,"",2026-11-21,3/4,0,${rest}`
  const forged = [
    csv('"app"', 'LOG,00000,"first'),
    csv('', 'PANIC,53100,""could not fsync file x"",,,'),
    'PANIC:  could not fsync',
    'last",,,,,',
  ]
  t.strictSame(readIndicators(forged), NO_INDICATORS, 'further lines of a csvlog record')
  t.strictSame(readIndicators([csv('"app"', 'LOG,00000,"received fast shutdown request",,,')]), NO_INDICATORS, 'csvlog names the user')
  t.match(readIndicators([csv('', 'LOG,00000,"received fast shutdown request",,,')]), { shutdownRequested: true })
  const json = { error_severity: 'LOG', message: 'received fast shutdown request' }
  t.strictSame(readIndicators([JSON.stringify({ user: 'app', ...json })]), NO_INDICATORS, 'jsonlog names the user')
  t.match(readIndicators([JSON.stringify({ pid: 7, ...json })]), { shutdownRequested: true })
})

t.test('how the log of a server that is gone ends', async (t) => {
  const ready = 'LOG:  database system is ready to accept connections'
  const stop = [
    'LOG:  received fast shutdown request',
    'LOG:  aborting any active transactions',
    'FATAL:  terminating connection due to administrator command',
  ]
  const checkpoint = ['LOG:  shutting down', 'LOG:  checkpoint starting: shutdown immediate', 'LOG:  checkpoint complete: wrote 0 buffers']
  const down = 'LOG:  database system is shut down'
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['unknown', []],
    ['unknown', ['\tnothing of the server']],
    ['running', [ready, 'ERROR:  division by zero', 'FATAL:  role "x" does not exist']],
    ['stopping', [ready, ...stop, ...checkpoint]],
    ['stopped', [ready, ...stop, ...checkpoint, down]],
    ['immediate-stop', [ready, 'LOG:  received immediate shutdown request', down]],
    ['running', [ready, ...stop, ...checkpoint, down, 'LOG:  starting PostgreSQL 15.18 on x86_64']],
    [
      'failed',
      [
        ready,
        ...stop,
        'PANIC:  could not write to file "pg_wal/xlogtemp.1": No space left on device',
        'LOG:  abnormal database system shutdown',
        down,
      ],
    ],
    ['failed', [ready, ...stop, ...checkpoint, down, 'FATAL:  could not write lock file "postmaster.pid": No space left on device']],
    ['running', [ready, 'LOG:  received immediate shutdown request', 'CONTEXT:  PL/pgSQL function inline_code_block line 1 at RAISE']],
  ]
  for (const [expected, lines] of cases) {
    const prefixed = lines.map((line) => (line.startsWith('\t') ? line : `2026-11-21 UTC [1] ${line}`))
    t.equal(readLogEnding(prefixed), expected, lines.at(-1) ?? 'nothing')
  }
})

t.test('damage names relation and block', async (t) => {
  const cases: readonly (readonly [string, object])[] = [
    ['ERROR:  invalid page in block 50 of relation base/16384/16471', { kind: 'page', relationPath: 'base/16384/16471', block: 50 }],
    ['ERROR:  invalid page in block 50 of relation "base/16384/16471"', { kind: 'page', relationPath: 'base/16384/16471', block: 50 }],
    [
      'WARNING:  invalid page in block 2 of relation base/5/16447_fsm; zeroing out page',
      { kind: 'page', relationPath: 'base/5/16447_fsm', block: 2 },
    ],
    [
      'ERROR:  invalid page in block 3 of relation pg_tblspc/16971/PG_15_202209061/5/169',
      { relationPath: 'pg_tblspc/16971/PG_15_202209061/5/169' },
    ],
    [
      'FATAL:  could not open file "global/2671": No such file or directory',
      { kind: 'missing-file', relationPath: 'global/2671', block: -1 },
    ],
    [
      `ERROR:  could not open file "base/5/16397.1" (target block 147540): ${MISSING}`,
      { kind: 'missing-file', relationPath: 'base/5/16397', block: 147540 },
    ],
    [
      'ERROR:  could not read block 292 in file "base/5/16405": read only 0 of 8192 bytes',
      { kind: 'short-file', relationPath: 'base/5/16405', block: 292 },
    ],
    ['ERROR:  could not read blocks 5..6 in file "base/16384/16405": read only 0 of 16384 bytes', { kind: 'short-file', block: 5 }],
    ['ERROR:  index "t_v" contains unexpected zero page at block 100', { kind: 'index', relationPath: 't_v', block: 100 }],
  ]
  for (const [line, expected] of cases) t.match(readIndicators([`2026-11-21 UTC [1] ${line}`]).damages, [expected], line)
  t.strictSame(readIndicators(['LOG:  could not open file "postmaster.pid": No such file or directory']).damages, [])
  t.strictSame(readIndicators(['ERROR:  could not open file "base/pgsql_tmp/pgsql_tmp1.0": No such file or directory']).damages, [])
})

t.test('lists are bounded and hold no repeats', async (t) => {
  const pages = Array.from({ length: 300 }, (_, block) => `ERROR:  invalid page in block ${block % 150} of relation base/5/16384`)
  const panics = Array.from({ length: 50 }, (_, index) => `PANIC:  number ${index} ${'x'.repeat(5000)}`)
  const said = readIndicators([...pages, ...panics])
  t.equal(said.damages.length, 100)
  t.equal(said.panics.length, 10)
  t.ok(said.panics.every((text) => text.length <= 500))
  const merged = mergeIndicators(said, readIndicators(['PANIC:  later', 'LOG:  received fast shutdown request']))
  t.equal(merged.panics.length, 10)
  t.match(merged, { shutdownRequested: true, lastFatal: 'later' })
  t.strictSame(mergeIndicators(NO_INDICATORS, said), said)
  t.strictSame(mergeIndicators(said, NO_INDICATORS), said)
})

t.test('urgent is what a watch should look at at once', async (t) => {
  t.notOk(seemsUrgent(NO_INDICATORS))
  t.notOk(seemsUrgent(readIndicators(['FATAL:  something'])))
  t.ok(seemsUrgent(readIndicators(['LOG:  received fast shutdown request'])))
  t.ok(seemsUrgent(readIndicators(['ERROR:  invalid page in block 1 of relation base/5/1'])))
})

t.test("a refusal for lack of a slot is the server's own word as FATAL, and nothing that a client may write", async (t) => {
  const refused = (line: string): boolean => readIndicators([`2026-11-21 00:00:10 UTC [4800] ${line}`]).slotsRefused
  t.ok(refused('FATAL:  sorry, too many clients already'))
  t.ok(refused('FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute'))
  t.ok(refused('FATAL:  too many connections for role "app"'))
  t.notOk(refused('LOG:  sorry, too many clients already'))
  t.notOk(refused('ERROR:  too many connections for role "app"'))
})
