import t from 'tap'
import { NOTHING_HELD_BACK } from '../../src/alerts/alert-memory.ts'
import { buildAlert } from '../../src/alerts/build-alert.ts'
import { humanDuration, offsetName } from '../../src/alerts/human-time.ts'
import { maskSecrets } from '../../src/core/mask-secrets.ts'
import { renderAlert } from '../../src/alerts/render.ts'
import { ALERT_KINDS } from '../../src/core/alert.ts'
import { CAUSES, type Assessment } from '../../src/core/cause.ts'
import { alertOf, factsOf, NOON } from './facts.ts'

process.env['TZ'] = 'UTC'
const berlin = (): number => 60
const OUTCOME = {
  why: 'the server was not ready in time',
  step: 'start-postgres',
  done: ['removed a stale postmaster.pid, kept in the incident'],
  notDone: ['pg_checksums: no evidence asks for it'],
  notUndone: [],
}
const ATTEMPTS = { used: 3, allowed: 3, windowMs: 3_600_000 }

function assessmentOf(change: Partial<Assessment>): Assessment {
  const nothing = { evidence: [], ruledOut: [], warnings: [], attemptsAtMost: undefined }
  return { cause: 'crashed', response: 'recover', plan: 'restart', strength: 'proven', verdict: 'it is gone', ...nothing, ...change }
}

t.test('the one mail that asks for a person has all that this person needs', async (t) => {
  const logTail = ['2026-11-21 11:58:59 UTC [812] LOG:  starting', '2026-11-21 11:59:00 UTC [812] FATAL:  out of luck']
  const alert = buildAlert(factsOf({ kind: 'recovery-exhausted', outcome: OUTCOME, attempts: ATTEMPTS, downtimeMs: 250_000, logTail }))
  const { subject, text } = renderAlert(alert, NOTHING_HELD_BACK, berlin)
  t.equal(subject, '[CRITICAL] db1 15-main: PostgreSQL is down, pgwatchd has given up')
  t.equal(
    text,
    `All 3 attempts allowed within 1 hour are spent, those that helped included.
pgwatchd does nothing more until you run "pgwatchd resume", or until
PostgreSQL serves again. It ended in the step start-postgres: the server was
not ready in time.

Where:     cluster 15-main on db1
When:      2026-11-21 13:00:00 (UTC+01:00)
Down for:  4 minutes 10 seconds
Incident:  20261121T115900Z-15-main-crashed-3f2a

What to run next
  pgwatchd incidents 20261121T115900Z-15-main-crashed-3f2a
  pgwatchd recover --plan --cluster 15-main
  systemctl status postgresql@15-main.service
  sudo tail -n 100 /var/log/postgresql/postgresql-15-main.log
  pgwatchd resume --cluster 15-main

Evidence
  - the control file says "in production"

Ruled out
  - not starting: no startup process

What pgwatchd did
  - removed a stale postmaster.pid, kept in the incident

What it did not do, and why
  - pg_checksums: no evidence asks for it

Timeline (UTC+01:00, from 2026-11-21)
  12:59:00.000  the postmaster is gone
  12:59:01.000  start-postgres done

Last 2 lines of the server's log
  | 2026-11-21 11:58:59 UTC [812] LOG:  starting
  | 2026-11-21 11:59:00 UTC [812] FATAL:  out of luck

----------------------------------------------------------------------------
pgwatchd on db1. All details: pgwatchd incidents 20261121T115900Z-15-main-crashed-3f2a
`,
  )
})

t.test('subjects say what matters', async (t) => {
  const subject = (change: Parameters<typeof factsOf>[0], place = 'db1 15-main'): string => {
    const whole = renderAlert(buildAlert(factsOf(change)), NOTHING_HELD_BACK, berlin).subject
    return whole.replace(` ${place}: `, ' ')
  }
  t.equal(
    subject({ kind: 'recovery-started', attempts: { ...ATTEMPTS, used: 1 } }),
    '[ERROR] PostgreSQL crashed, recovery has started (attempt 1 of 3)',
  )
  t.equal(subject({ kind: 'recovery-succeeded', downtimeMs: 1234 }), '[SUCCESS] PostgreSQL is serving again after 1.2 seconds')
  const stuck = assessmentOf({ cause: 'cannot-be-stopped', response: 'person' })
  t.equal(subject({ kind: 'person-needed', assessment: stuck }), '[CRITICAL] PostgreSQL hangs and cannot be stopped')
  t.equal(
    subject({ kind: 'operator-stopped', nextActWallMs: NOON + 180_000 }),
    '[WARNING] PostgreSQL was stopped by an operator, left alone until 12:03:00 (UTC+00:00)',
  )
  t.equal(subject({ kind: 'warning', matter: { key: 'disk:/', sentence: 'the disk / is 84 % full' } }), '[WARNING] the disk / is 84 % full')
  const login = { user: 'app', database: 'shop', sqlState: '28P01' }
  t.equal(
    subject({ kind: 'person-needed', login, assessment: assessmentOf({ cause: 'auth-broken', response: 'person' }) }),
    '[ERROR] PostgreSQL refuses the login of the application: user app, database shop (SQLSTATE 28P01)',
  )
  t.equal(subject({ kind: 'test', cluster: undefined, incident: undefined }, 'db1'), '[INFO] a test of alerts by pgwatchd')
})

t.test('the commands fit the cause', async (t) => {
  const commands = (cause: Assessment['cause'], sqlState = ''): string => {
    const login = { user: 'app', database: 'shop', sqlState }
    const alert = buildAlert(factsOf({ kind: 'person-needed', login, assessment: assessmentOf({ cause, response: 'person' }) }))
    return alert.nextCommands.join('\n')
  }
  t.match(commands('auth-broken', '28P01'), '\\password app')
  t.match(commands('auth-broken', '28000'), 'pg_hba_file_rules')
  t.match(commands('disk-full'), 'df -h /var/lib/postgresql/15/main')
  t.match(commands('configuration-broken'), '-c config_file=/etc/postgresql/15/main/postgresql.conf -C data_directory')
  for (const cause of CAUSES) t.match(commands(cause), /^\S.*\n?.*pgwatchd incidents 2026/s, cause)
})

t.test('commands that belong to this very trouble come first, and a shell changes nothing in them', async (t) => {
  const commands = [{ sql: `select 'a$b' from "t"`, database: 'two words' }, { sql: `select 'a' as b` }, { shell: 'sudo kill -CONT 4711' }]
  const alert = buildAlert(factsOf({ kind: 'person-needed', assessment: assessmentOf({ response: 'person', commands }) }))
  t.strictSame(alert.nextCommands.slice(0, 3), [
    `sudo -u postgres psql -h /var/run/postgresql -p 5432 -d "two words" -c 'select '\\''a$b'\\'' from "t"'`,
    `sudo -u postgres psql -h /var/run/postgresql -p 5432 -c "select 'a' as b"`,
    'sudo kill -CONT 4711',
  ])
})

t.test('whose attempts are spent is told that, and not that pgwatchd only observes', async (t) => {
  const told = factsOf({ kind: 'person-needed', assessment: assessmentOf({}), attempts: ATTEMPTS, onlyObserves: false })
  t.match(buildAlert(told).notDone[0], /3 of the 3 attempts allowed within 1 hour were made/)
})

t.test('what holds the space is told with what a person may decide and what that costs', async (t) => {
  const drop = {
    as: 'sql',
    text: "select pg_drop_replication_slot('dead')",
    remark: 'your decision: its standby has to be made anew',
  } as const
  const remove = { as: 'shell', text: 'sudo -u postgres rm /data/ballast', remark: 'gives up the ballast' } as const
  const holders = [
    { kind: 'replication-slot', device: 1, bytes: 9e9, sentence: 'the replication slot dead keeps 9 GB of WAL', commands: [drop] },
    { kind: 'ballast', device: 1, bytes: 1e9, sentence: 'the ballast holds 1 GB', commands: [remove] },
  ] as const
  const matter = { key: 'disk:full', sentence: 'disk: data 92 % used' }
  const warning = buildAlert({ ...factsOf({ kind: 'warning', matter, holders }), incident: undefined })
  t.ok(warning.evidence.includes('the replication slot dead keeps 9 GB of WAL'))
  const psql = `sudo -u postgres psql -h /var/run/postgresql -p 5432 -c "select pg_drop_replication_slot('dead')"`
  t.ok(warning.nextCommands.includes(`${psql}    # ${drop.remark}`), warning.nextCommands.join(' | '))
  t.notOk(
    warning.nextCommands.some((command) => command.includes('rm ')),
    'the ballast is given up by pgwatchd',
  )
  const assessment = assessmentOf({ cause: 'disk-full', response: 'recover', plan: 'free-space' })
  const observing = buildAlert(factsOf({ kind: 'person-needed', assessment, holders }))
  t.match(observing.nextCommands[1], /^sudo -u postgres rm \/data\/ballast {4}# gives up the ballast$/)
  t.match(buildAlert(factsOf({ kind: 'recovery-held', assessment, holders })).nextCommands[0], /pg_drop_replication_slot/)
})

t.test('who may only observe says why nothing was done', async (t) => {
  t.match(buildAlert(factsOf({ kind: 'person-needed', assessment: assessmentOf({}) })).notDone[0], /observe only/)
  const exhausted = assessmentOf({ cause: 'connections-exhausted', response: 'person' })
  t.match(buildAlert(factsOf({ kind: 'person-needed', assessment: exhausted })).notDone[0], /every session/)
})

t.test('every kind can be told with everything and with next to nothing', async (t) => {
  for (const kind of ALERT_KINDS) {
    const bare = renderAlert(buildAlert({ kind, host: 'db1', wallMs: NOON }), NOTHING_HELD_BACK, berlin)
    t.match(bare.subject, /^\[[A-Z]+\] db1: \S/, kind)
    t.notMatch(bare.subject + bare.text, /undefined|null|NaN|\[object/, kind)
    const everything = { outcome: OUTCOME, attempts: ATTEMPTS, downtimeMs: 1, details: ['x'], matter: { key: 'k', sentence: 's' } }
    const full = renderAlert(buildAlert(factsOf({ kind, ...everything })), NOTHING_HELD_BACK, berlin)
    t.notMatch(full.subject + full.text, /undefined|null|NaN|\[object/, kind)
  }
})

t.test('text is 76 columns wide, except for log lines and commands', async (t) => {
  const long = 'word '.repeat(60).trim()
  const wordy = alertOf({ verdict: long, evidence: [long], notDone: [long], timeline: [{ wallMs: NOON, text: long }] })
  const { text } = renderAlert(wordy, NOTHING_HELD_BACK, berlin)
  t.equal(Math.max(...text.split('\n').map((line) => line.length)), 76)
})

t.test('repeats that were held back are counted', async (t) => {
  const { text } = renderAlert(alertOf(), { count: 12, sinceWallMs: NOON - 60_000 }, berlin)
  t.match(text, 'Repeats:   12 like this since 12:59 were held back\n')
})

const NASTY_LINES = ['\u001b[2Jline\u202e one\nline two', 'x'.repeat(100_000), "STATEMENT:  ALTER ROLE app PASSWORD 'geheim'"]

t.test('outside text forges nothing, shows no secret, and is bounded', async (t) => {
  const nasty = alertOf({
    headline: 'a\r\nBcc: evil@example.org',
    logTail: [...NASTY_LINES, ...Array.from({ length: 30 }, (_, index) => `line ${index}`)],
    timeline: Array.from({ length: 300 }, (_, index) => ({ wallMs: NOON, text: `entry ${index}` })),
  })
  const { subject, text } = renderAlert({ ...nasty, logTail: nasty.logTail.slice(0, 3) }, NOTHING_HELD_BACK, berlin)
  t.equal(subject, '[WARNING] db1 15-main: a Bcc: evil@example.org')
  t.match(text, '  | ?[2Jline? one line two\n')
  t.notMatch(text, 'geheim')
  t.equal(text.length < 6000, true)
  t.match(text, '(260 more)')
  t.match(renderAlert(nasty, NOTHING_HELD_BACK, berlin).text, /Last 20 lines of the server's log\n  \| line 10\n/)
})

t.test('what looks like a password is masked', async (t) => {
  const mask = '********'
  t.equal(maskSecrets('host=db password=geheim user=app'), `host=db password=${mask} user=app`)
  t.equal(maskSecrets(`sslpassword = 'two words' x`), `sslpassword = ${mask} x`)
  t.equal(maskSecrets('PGPASSWORD=abc psql'), `PGPASSWORD=${mask} psql`)
  t.equal(maskSecrets(`CREATE ROLE a PASSWORD 'it''s' LOGIN`), `CREATE ROLE a PASSWORD ${mask} LOGIN`)
  t.equal(maskSecrets('postgresql://app:geheim@db/shop'), `postgresql://app:${mask}@db/shop`)
  t.equal(maskSecrets('SCRAM-SHA-256$4096:abc$def:ghi x'), `${mask} x`)
  t.equal(maskSecrets(`md5${'0a'.repeat(16)}`), mask)
  const harmless = 'FATAL:  password authentication failed for user "app"'
  t.equal(maskSecrets(harmless), harmless)
})

t.test('durations and offsets read as people say them', async (t) => {
  const seconds = [0, 400, 1000, 1234, 59_940, 59_960].map(humanDuration)
  t.same(seconds, ['0 seconds', '0.4 seconds', '1 second', '1.2 seconds', '59.9 seconds', '1 minute'])
  const longer = [60_000, 250_000, 3_600_000, 7_500_000, 3 * 86_400_000].map(humanDuration)
  t.same(longer, ['1 minute', '4 minutes 10 seconds', '1 hour', '2 hours 5 minutes', '3 days'])
  t.same([0, 60, -210].map(offsetName), ['+00:00', '+01:00', '-03:30'])
})
