import fc from 'fast-check'
import t from 'tap'
import type { Config } from '../../src/config/config.ts'
import { describeProblem, describeProblems } from '../../src/config/describe.ts'
import { diffConfig } from '../../src/config/difference.ts'
import { parseConfig } from '../../src/config/load.ts'
import { OPTIONS } from '../../src/config/options/index.ts'

const FILE = 'pgwatch.yaml'

function load(text: string): Config {
  const loaded = parseConfig(text, FILE)
  if (!loaded.ok) throw new Error(describeProblems(loaded.problems))
  return loaded.config
}

/** "line:column message" of every mistake. */
function mistakes(text: string): readonly string[] {
  const loaded = parseConfig(text, FILE)
  return loaded.ok ? [] : loaded.problems.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

function warnings(text: string): readonly string[] {
  const loaded = parseConfig(text, FILE)
  return loaded.ok ? loaded.warnings.map(({ line, column, message }) => `${line}:${column} ${message}`) : ['not loaded']
}

const DEFAULTS = load('')

t.test('a file without a key means the defaults', async (t) => {
  for (const text of ['', '\n', '# only a comment\n', '---\n', '---\n...\n', 'null\n', '\uFEFF# with a mark\r\n', 'watch:\nprobes:\n', '{}']) {
    t.same(load(text), DEFAULTS, JSON.stringify(text))
  }
  t.match(DEFAULTS, {
    watch: { intervalMs: 10_000, confirmIntervalMs: 1000, failures: 3, operatorStop: { action: 'recover', graceMs: 180_000 } },
    probes: { latencyLimitMs: 5000, writeIntervalMs: 60_000, disk: { warnRatio: 0.8, failRatio: 0.9 } },
    recovery: { mode: 'act', attempts: 3, windowMs: 3_600_000, repair: { maxRelationBytes: 10 * 1024 ** 3 }, disk: { ballastBytes: 0 } },
    stateDirectory: '/var/lib/pgwatchd',
    runtimeDirectory: '/run/pgwatchd',
  })
  t.equal(DEFAULTS.clusters, undefined)
  t.equal(DEFAULTS.alerts.mail, undefined)
})

t.test('a whole file is read', async (t) => {
  const config = load(`
watch: { interval: 5s, operator_stop: { action: hold } }
probes: { disk: { warn: 70%, fail: 85.5% } }
recovery: { mode: observe, disk: { ballast: 256MB }, repair: { zero_damaged_pages: false } }
alerts:
  mail:
    to: dba@example.org
    smtp: { host: mail.example.org, port: 587, security: starttls, user: pgwatchd, password_file: /etc/pgwatchd/smtp// }
clusters:
  - name: 15-main
    application: &app
      user: app
      password_credential: app
  - name: bare
    service_manager: pg_ctl
    data_directory: /srv/pg/../pg/data/
    port: 5433
    application: *app
    superuser: { user: admin }
`)
  t.same(config.watch, { ...DEFAULTS.watch, intervalMs: 5000, operatorStop: { action: 'hold', graceMs: 180_000 } })
  t.same(config.probes.disk, { warnRatio: 0.7, failRatio: 0.855, horizonMs: 86_400_000 })
  t.match(config.recovery, { mode: 'observe', disk: { ballastBytes: 268_435_456 }, repair: { zeroDamagedPages: false } })
  t.match(config.alerts.mail, { from: 'pgwatchd@localhost', to: ['dba@example.org'] })
  t.match(config.alerts.mail?.smtp, { port: 587, password: { file: '/etc/pgwatchd/smtp' }, timeoutMs: 30_000 })
  const [main, bare] = config.clusters ?? []
  t.match(main, { name: '15-main', dataDirectory: undefined, serviceManager: 'systemd', superuser: { user: 'postgres', database: 'postgres', host: '' } })
  t.match(main?.application, { user: 'app', database: 'app', host: '', password: { file: undefined, credential: 'app', environment: undefined } })
  t.match(bare, { dataDirectory: '/srv/pg/data', port: 5433, serviceManager: 'pg_ctl', superuser: { user: 'admin', database: 'postgres' } })
  t.same(bare?.application, main?.application)
})

t.test('mail goes to one address or to several', async (t) => {
  t.same(load('alerts: {mail: {to: [a@b, "C D <c@d>"]}}').alerts.mail?.to, ['a@b', 'C D <c@d>'])
  t.same(load('alerts: {mail: {to: a@b}}').alerts.mail?.to, ['a@b'])
})

const DURATION = 'a duration: a whole number and one of ms, s, m, h, d, such as 10s'
const ADVICE = /^\d+:\d+ \S+: a password does not belong in this file; write password_file/

const MISTAKES: readonly [string, readonly (string | RegExp)[]][] = [
  // wrong kinds of things
  ['- a', ['1:1 the file: expected a section of keys; got a list']],
  ['hello', ['1:1 the file: expected a section of keys; got a single value']],
  ['watch: 10s', ['1:8 watch: expected a section of keys; got a single value']],
  ['watch:\n  - interval: 10s', ['2:3 watch: expected a section of keys; got a list']],
  ['watch:\n  interval:', ['2:3 watch.interval: has no value; remove the line, or write a duration such as 10s']],
  ['watch: {interval: ~}', ['1:9 watch.interval: has no value; remove the line, or write a duration such as 10s']],
  ['watch: {interval: [10s]}', ['1:19 watch.interval: expected a duration such as 10s; got a list']],
  ['watch: {failures: {a: 1}}', ['1:19 watch.failures: expected a whole number such as 3; got a section of keys']],
  ['clusters:', ['1:1 clusters: has no value; remove the line, or write its keys below it']],
  ['clusters: []', ['1:11 clusters: expected a list of clusters, each "- name: …"; got an empty list; remove the key to have them discovered']],
  ['clusters: {name: a}', ['1:11 clusters: expected a list of clusters, each "- name: …"; got a section of keys; remove the key to have them discovered']],
  ['clusters: [15-main]', ['1:12 clusters[0]: expected a section of keys; got a single value']],
  ['clusters:\n  - name: a\n    superuser: postgres:geheim', ['3:16 clusters[0].superuser: expected a section of keys; got a single value']],
  ['alerts: {mail: {to: []}}', ['1:21 alerts.mail.to: the list is empty']],
  ['alerts: {mail: {to: [a@b, nobody, 3]}}', [/^1:27 alerts.mail.to: expected a mail address, .*; got "nobody"$/, /^1:35 alerts.mail.to: .*; got 3$/]],
  // wrong values
  ['watch:\n  interval: 10', [`2:13 watch.interval: expected ${DURATION}; got 10`]],
  ['watch:\n  interval: 10x', [`2:13 watch.interval: expected ${DURATION}; got "10x"`]],
  ['watch:\r\n  interval: 5min\r\n', [`2:13 watch.interval: expected ${DURATION}; got "5min"`]],
  ['watch: {interval: 1ms}', ['1:19 watch.interval: expected a duration from 1s to 10m; got "1ms"']],
  ['watch: {failures: "3"}', ['1:19 watch.failures: expected a whole number without quotes; got "3"']],
  ['watch: {failures: 3.0}', ['1:19 watch.failures: expected a whole number, such as 3; got 3.0']],
  ['watch: {failures: 0}', ['1:19 watch.failures: expected a whole number from 1 to 100; got 0']],
  ['watch: {failures: 1e400}', ['1:19 watch.failures: expected a whole number, such as 3; got 1e400']],
  ['probes: {disk: {warn: 0.8}}', ['1:23 probes.disk.warn: expected a percentage from 0% to 100%, such as 80%; got 0.8']],
  ['probes: {disk: {warn: 0%}}', ['1:23 probes.disk.warn: expected a percentage from 1% to 99%; got "0%"']],
  ['recovery: {disk: {ballast: 2gb}}', [/^1:28 recovery.disk.ballast: expected a size: .*; got "2gb"$/]],
  ['recovery: {repair: {zero_damaged_pages: yes}}', ['1:41 recovery.repair.zero_damaged_pages: expected true or false; got "yes"']],
  ['recovery: {repair: {zero_damaged_pages: "true"}}', ['1:41 recovery.repair.zero_damaged_pages: expected true or false without quotes; got "true"']],
  ['recovery: {mode: atc}', ['1:18 recovery.mode: expected one of act, observe (did you mean act?); got "atc"']],
  ['alerts: {minimum_severity: warning}', [/^1:28 .*expected one of CRITICAL, .* \(did you mean WARNING\?\); got "warning"$/]],
  ['alerts: {summary_schedule: hourly}', [/^1:28 alerts.summary_schedule: expected five fields/]],
  ['state_directory: var/lib', ['1:18 state_directory: expected an absolute path, one that begins with "/"; got "var/lib"']],
  ['state_directory: ~/x', ['1:18 state_directory: expected an absolute path, one that begins with "/"; got "~/x"']],
  ['clusters: [{name: ../x}]', [/^1:19 clusters\[0\].name: expected a name of letters.*; got "..\/x"$/]],
  ['clusters: [{name: 15}]', ['1:19 clusters[0].name: expected a string; put it in quotes; got 15']],
  ['clusters: [{name: a, port: 70000}]', ['1:28 clusters[0].port: expected a whole number from 1 to 65535; got 70000']],
  ['clusters: [{name: a, unit: postgresql}]', [/^1:28 clusters\[0\].unit: expected the name of a service unit/]],
  [`log: {level: ${'x'.repeat(50)}}`, [new RegExp(`^1:14 .*; got "${'x'.repeat(40)}…"$`)]],
  ['log: {level: "a\\u0007\\u001b[31m"}', [/; got "a\?\?\[31m"$/]],
  // keys
  ['probes:\n  timeot: 1', ['2:3 probes.timeot: unknown key; did you mean timeout?']],
  ['\uFEFFwach: {}', ['1:1 wach: unknown key; did you mean watch?']],
  ['wach: {}', ['1:1 wach: unknown key; did you mean watch?']],
  ['watch: {confirmInterval: 1s}', ['1:9 watch.confirmInterval: unknown key; did you mean confirm_interval?']],
  ['ballast: 1GB', ['1:1 ballast: unknown key; did you mean recovery.disk.ballast?']],
  ['log: {banana: 1}', ['1:7 log.banana: unknown key; known here: format, level, heartbeat']],
  ['<<: {a: 1}', [/^1:1 <<: unknown key/]],
  ['"": 1', ['1:1 : a key without a name']],
  ['watch: {interval: 5s, interval: 6s}', ['1:23 watch.interval: is there twice']],
  ['watch: {}\nlog: {}\nwatch: {}', ['3:1 watch: is there twice']],
  ['clusters:\n  - port: 5432\n  - {}\n  -\n', [
    '2:5 clusters[0].name: is missing; expected a cluster name such as 15-main',
    '3:5 clusters[1].name: is missing; expected a cluster name such as 15-main',
    '4:4 clusters[2].name: is missing; expected a cluster name such as 15-main',
  ]],
  ['clusters: [{name: a, application: {}}]', ['1:35 clusters[0].application.user: is missing; expected an identifier such as app']],
  ['alerts:\n  mail:\n    from: a@b', ['2:3 alerts.mail.to: is missing; expected a mail address such as root@localhost']],
  ['alerts: {mail: }', ['1:10 alerts.mail.to: is missing; expected a mail address such as root@localhost']],
  // passwords
  ['alerts: {mail: {to: a@b, smtp: {user: u, password_file: /x, password: geheim}}}', [ADVICE]],
  ['clusters: [{name: a, application: {user: a, passwd: geheim}}]', [ADVICE]],
  ['password: geheim', [ADVICE]],
  [
    'clusters: [{name: a, superuser: {password_file: geheim}}]',
    [/^1:49 clusters\[0\].superuser.password_file: expected an absolute path, one that begins with "\/"$/],
  ],
  [
    'clusters: [{name: a, superuser: {password_environment: "geheim!"}}]',
    [/password_environment: expected the name of an environment variable, such as SMTP_PASSWORD$/],
  ],
  ['clusters: [{name: a, superuser: {password_file: [geheim]}}]', [/password_file: expected an absolute path such as \S+$/]],
  ['alerts: {mail: {to: a@b, smtp: {user: u}}}', [/^1:39 alerts.mail.smtp.user: needs a password/]],
  ['alerts: {mail: {to: a@b, smtp: {password_file: /x}}}', [/^1:26 alerts.mail.smtp.user: is missing/]],
  [
    'alerts: {mail: {to: a@b, smtp: {user: u, password_file: /x, password_environment: X}}}',
    [/^1:83 alerts.mail.smtp.password_environment: there is password_file already/],
  ],
  [
    'clusters: [{name: a, superuser: {password_file: /x, password_credential: x}}]',
    [/^1:74 clusters\[0\].superuser.password_credential: there is password_file already/],
  ],
  // keys that do not fit together
  ['watch: {interval: 5s, confirm_interval: 6s}', [/^1:41 watch.confirm_interval: must be at most watch.interval; a suspicion/]],
  ['watch: {confirm_interval: 11s}', [/^1:27 watch.confirm_interval: must be at most watch.interval, which has its default/]],
  ['probes: {latency_limit: 6s}', [/^1:25 probes.latency_limit: must be less than probes.timeout.latency, which has its default/]],
  ['probes: {timeout: {latency: 5s}}', [/^1:29 probes.timeout.latency: must be more than probes.latency_limit, which has its default/]],
  ['probes: {disk: {warn: 90%}}', [/^1:23 probes.disk.warn: must be less than probes.disk.fail/]],
  ['probes: {disk: {fail: 80%}}', [/^1:23 probes.disk.fail: must be more than probes.disk.warn/]],
  ['recovery: {cooldown: 16m}', [/^1:22 recovery.cooldown: must be at most recovery.cooldown_max/]],
  ['recovery: {window: 14m}', [/^1:20 recovery.window: must be at least recovery.cooldown_max/]],
  ['runtime_directory: /var/lib/pgwatchd/', [/^1:20 runtime_directory: state and runtime directory must differ/]],
  ['clusters: [{name: a}, {name: a}]', ['1:30 clusters[1].name: clusters[0].name is the same']],
  ['clusters: [{name: a, data_directory: /d}, {name: b, data_directory: /d/.}]', ['1:69 clusters[1].data_directory: clusters[0].data_directory is the same']],
  ['clusters: [{name: a, unit: x@1.service}, {name: b, unit: x@1.service}]', ['1:58 clusters[1].unit: clusters[0].unit is the same']],
  ['clusters: [{name: a, service_manager: pg_ctl}]', ['1:12 clusters[0].data_directory: is missing; pg_ctl knows a cluster by nothing else']],
  ['clusters: [{name: a, service_manager: pg_ctl, data_directory: /d, unit: x.service}]', [/^1:73 clusters\[0\].unit: a cluster under pg_ctl has none/]],
  ['state_directory: /d/x\nclusters: [{name: a, data_directory: /d}]', ['2:38 clusters[0].data_directory: state_directory (/d/x) must not lie in it']],
  // YAML itself
  ['watch:\n\tinterval: 10s', ['2:1 not valid YAML: a tab in the indentation; YAML allows blanks only']],
  ['watch: {interval: 10s', [/^1:\d+ not valid YAML: /]],
  ['a: 1\n---\nb: 2', [/^2:1 not valid YAML: a second document/]],
  ['watch: {interval: "10s}', [/^1:\d+ not valid YAML: /]],
  ['watch: interval: 10s', [/^1:8 not valid YAML: a second ": " on one line/]],
  ['watch: @x', [/^1:8 not valid YAML: a value that begins with @/]],
  ['? [a]\n: 1', [/^1:3 not valid YAML: a key must be a plain word/]],
  ['watch: !foo {interval: 10s}', [/^1:8 not valid YAML: a tag/]],
  ['watch: *nowhere', ['1:8 no anchor has the name of this alias']],
  ['watch: &w {operator_stop: *w}', [/unknown key|expected a section|is there twice/]],
  [`# ${'x'.repeat(200_000)}`, ['1:1 the file has more than 65536 characters']],
]

t.test('every mistake is placed and says what was expected', async (t) => {
  for (const [text, expected] of MISTAKES) {
    const name = JSON.stringify(text.slice(0, 80))
    const found = mistakes(text)
    t.equal(found.length, expected.length, `${name}: ${JSON.stringify(found)}`)
    for (const [index, message] of expected.entries()) {
      if (typeof message === 'string') t.equal(found[index], message, name)
      else t.match(found[index] ?? '', message, name)
    }
  }
})

t.test('all mistakes are told at once, in the order of the file, and no more than a hundred', async (t) => {
  const found = mistakes('watch:\n  interval: 1x\n  failures: x\nlog:\n  levle: info\nrecovery: {mode: atc}\nclusters:\n  - nam: a\n')
  t.same(found.map((line) => line.split(' ')[0]), ['2:13', '3:13', '5:3', '6:18', '8:5', '8:5'])
  t.equal(mistakes(Array.from({ length: 1000 }, (_, index) => `key${index}: 1\n`).join('')).length, 100)
})

t.test('no message shows a password, wherever it was written', async (t) => {
  for (const [text] of MISTAKES.filter(([each]) => each.includes('geheim'))) t.notMatch(mistakes(text).join('\n'), 'geheim', text)
  const broken = ['"password: geheim', 'password: @geheim', 'clusters: [geheim', 'a: b\n"geheim" "geheim"']
  for (const text of [...broken, 'pasword: geheim', 'alerts: {mail: {smtp: geheim}}']) {
    t.not(mistakes(text).length, 0, text)
    t.notMatch(mistakes(text).join('\n'), 'geheim', text)
  }
})

t.test('aliases are bounded', async (t) => {
  const bomb = ['a: &a [x]', ...Array.from({ length: 30 }, (_, level) => `k${level}: &k${level} [${'*a,'.repeat(9)}*a]`)].join('\n')
  t.not(mistakes(bomb).length, 0)
  const many = `clusters:\n  - &c {name: a}\n${'  - *c\n'.repeat(500)}`
  t.match(mistakes(many).join('\n'), 'more than 100 aliases')
})

t.test('what is allowed and unwise is a warning', async (t) => {
  t.same(warnings(''), ['1:1 alerts.mail: no mail is configured, so alerts go to the journal only; set alerts.mail.to'])
  t.match(warnings('\nalerts: {}'), [/^2:1 alerts.mail: no mail/])
  t.same(warnings('alerts: {mail: {to: a@b}}'), [])
  t.match(warnings('alerts: {mail: {to: a@b, smtp: {host: mail.example.org, user: u, password_file: /x}}}'), [/password crosses the network in the clear/])
  t.match(warnings('alerts: {mail: {to: a@b, smtp: {security: tls}}}'), [/^1:43 .*usually 465/])
  t.match(warnings('alerts: {mail: {to: a@b}}\nclusters: [{name: a, unit: postgresql.service}]'), [/^2:28 clusters\[0\].unit: on Debian/])
})

t.test('no text makes the loader throw', async () => {
  const keys = Object.keys(OPTIONS).flatMap((path) => path.split('.'))
  const words = [...keys, 'name', 'superuser', '10s', '3', 'true', '/x', '~', '*a', '&a', '!x', '<<', '%YAML 1.1', '---', '"', "'", '|', '>']
  const marks = [': ', '\n', '\n  ', '\n    ', '- ', '[', ']', '{', '}', ', ', '\t', '#', '\0', '\uFEFF', '\r']
  const part = fc.oneof(fc.constantFrom(...words), fc.constantFrom(...marks), fc.string({ maxLength: 5 }))
  const soup = fc.array(part, { maxLength: 60 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), soup), (text) => {
      const loaded = parseConfig(text, FILE)
      return loaded.ok || (loaded.problems.length > 0 && loaded.problems.every(({ line, column, message }) => line >= 1 && column >= 1 && message !== ''))
    }),
    { numRuns: 600 },
  )
  for (const unit of ['[', '{a: ', '- ', '? ', '&a ']) parseConfig(unit.repeat(3000), FILE)
})

t.test('any value of any shape at any key is told, not thrown', async () => {
  const tree = fc.jsonValue({ maxDepth: 4 })
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(OPTIONS)), tree, (path, value) => {
      const nested = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value)
      const loaded = parseConfig(JSON.stringify(nested), FILE)
      return loaded.ok || loaded.problems.length > 0
    }),
    { numRuns: 600 },
  )
})

t.test('each key reaches the configuration, and is told by its name when it changes', async (t) => {
  for (const [path, option] of Object.entries(OPTIONS)) {
    if (path.startsWith('alerts.mail') || path === 'clusters') continue
    const values = 'minimum' in option ? [option.minimum, option.maximum, '20m'] : 'choices' in option ? option.choices : ['/elsewhere', 'false', 'true', '"0 6 * * 1"', 'Europe/Berlin']
    const differences = values.flatMap((value) => {
      const loaded = parseConfig(path.split('.').reduceRight((inner, key) => `{${key}: ${inner}}`, value), FILE)
      return loaded.ok ? [diffConfig(DEFAULTS, loaded.config)] : []
    })
    t.same(differences.find((difference) => difference.length > 0), [path], path)
  }
})

t.test('problems are described as compilers do', async (t) => {
  const problem = { file: '/etc/pgwatch.yaml', line: 3, column: 13, message: 'x: unknown key' }
  t.equal(describeProblem(problem), '/etc/pgwatch.yaml:3:13: x: unknown key')
  t.equal(describeProblems([problem]), '1 mistake in /etc/pgwatch.yaml:\n/etc/pgwatch.yaml:3:13: x: unknown key')
  t.match(describeProblems([problem, problem]), /^2 mistakes/)
})

t.test('a difference is told by the keys of the file', async (t) => {
  const changed = load(`
watch: {interval: 5s, operator_stop: {grace: 1m}}
probes: {disk: {warn: 70%}}
recovery: {disk: {ballast: 1GB}, cooldown_max: 20m}
state_directory: /x
`)
  t.same(diffConfig(DEFAULTS, DEFAULTS), [])
  t.same(diffConfig(DEFAULTS, changed), [
    'watch.interval',
    'watch.operator_stop.grace',
    'probes.disk.warn',
    'recovery.cooldown_max',
    'recovery.disk.ballast',
    'state_directory',
  ])
  const before = load('clusters: [{name: a, port: 1}, {name: b}]\nalerts: {mail: {to: a@b, smtp: {user: u, password_file: /x}}}')
  const after = load('clusters: [{name: c}, {name: a, port: 2, application: {user: x}}]\nalerts: {mail: {to: [a@b, c@d], smtp: {user: u, password_file: /y}}}')
  t.same(diffConfig(before, after), [
    'clusters.a.port',
    'clusters.a.application (added)',
    'clusters.b (removed)',
    'clusters.c (added)',
    'alerts.mail.to',
    'alerts.mail.smtp.password_file',
  ])
  t.same(diffConfig(DEFAULTS, load('clusters: [{name: a}]')), ['clusters (added)'])
  t.same(diffConfig(DEFAULTS, before), ['clusters (added)', 'alerts.mail (added)'])
})
