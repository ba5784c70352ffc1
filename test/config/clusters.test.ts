import t from 'tap'
import type { Config } from '../../src/config/config.ts'
import { discoverClusters } from '../../src/config/discover.ts'
import { parseConfig } from '../../src/config/load.ts'
import { firstDirectory, isOn, readPostgresqlConf } from '../../src/config/postgresql-conf.ts'
import { resolveClusters } from '../../src/config/resolve.ts'
import type { Resolution } from '../../src/config/resolve.ts'
import type { Files } from '../../src/ports/files.ts'
import { createFakeFiles } from '../fakes/files.ts'
import type { FakeFiles } from '../fakes/files.ts'

/** What pg_createcluster of Debian 12 writes, comments included. */
const DEBIAN_CONF = `
#data_directory = 'ConfigDir'
data_directory = '/var/lib/postgresql/15/main'\t\t# use data in another directory
port = 5432\t\t\t\t# (change requires restart)
unix_socket_directories = '/var/run/postgresql'\t# comma-separated list of directories
cluster_name = '15/main'\t\t\t# added to process titles if nonempty
include_dir = 'conf.d'\t\t\t# include files ending in '.conf' from
`

function debian(name = '15/main', conf = DEBIAN_CONF): FakeFiles {
  const files = createFakeFiles()
  files.put(`/etc/postgresql/${name}/postgresql.conf`, conf)
  files.put(`/etc/postgresql/${name}/start.conf`, '# Automatic startup configuration\n#   auto, manual, disabled\n\nauto\n')
  return files
}

function config(text: string): Config {
  const loaded = parseConfig(text, 'pgwatch.yaml')
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.config
}

async function resolve(files: Files, text = ''): Promise<Resolution> {
  return await resolveClusters(config(text), files)
}

const MAIN = {
  name: '15-main',
  majorVersion: 15,
  dataDirectory: '/var/lib/postgresql/15/main',
  binaryDirectory: '/usr/lib/postgresql/15/bin',
  socketDirectory: '/var/run/postgresql',
  port: 5432,
  configFile: '/etc/postgresql/15/main/postgresql.conf',
  logFile: '/var/log/postgresql/postgresql-15-main.log',
  serviceManager: 'systemd',
  unit: 'postgresql@15-main.service',
}

t.test('postgresql.conf is read as the server reads it', async (t) => {
  const files = createFakeFiles()
  files.put('/e/postgresql.conf', [
    'Port=5433 # a comment',
    'port 5434',
    "search_path = '\"$user\", public' # it's",
    "a = 'it''s' # '",
    "b = 'tab\\there \\101 \\\\'",
    "c='x'",
    "d'y'",
    'e = on',
    "my.thing = 'custom'",
    '#f = 1',
    "g = 'unfinished",
    'h =',
    'i = 1 2',
    "include 'more.conf'",
    "include_if_exists = '/nowhere.conf'",
    "include_dir 'conf.d'",
    'last = here\r',
  ].join('\n'))
  files.put('/e/more.conf', "included = '1'\ninclude 'postgresql.conf'\n")
  files.put('/e/conf.d/10.conf', "order = 'first'\nten = 1")
  files.put('/e/conf.d/9.conf', "order = 'last'")
  files.put('/e/conf.d/.hidden.conf', "hidden = 'seen'")
  files.put('/e/conf.d/note.txt', "order = 'text'")
  t.same(Object.fromEntries((await readPostgresqlConf(files, '/e/postgresql.conf')) ?? []), {
    port: '5434',
    search_path: '"$user", public',
    a: "it's",
    b: 'tab\there A \\',
    c: 'x',
    d: 'y',
    e: 'on',
    'my.thing': 'custom',
    included: '1',
    order: 'last',
    ten: '1',
    last: 'here',
  })
  t.equal(await readPostgresqlConf(files, '/none'), undefined)
  t.ok(files.calls.length < 500, 'a file that includes itself ends')
  t.same(['on', 'TRUE', 'y', '1', 'tr', 'off', 'o', '0', '', undefined].map(isOn), [true, true, true, true, true, false, false, false, false, false])
  t.same(['/a, /b', ' "/a,b" , /c', '', '@x'].map(firstDirectory), ['/a', '/a,b', '', '@x'])
})

t.test("Debian's clusters are found with all that the rest needs", async (t) => {
  t.same(await discoverClusters(debian()), { clusters: [MAIN], skipped: [], problems: [] })
})

t.test('conf.d and ALTER SYSTEM count more than postgresql.conf', async (t) => {
  const files = debian()
  files.put('/etc/postgresql/15/main/conf.d/a.conf', "port = 6000\nunix_socket_directories = '/tmp, /var/run/postgresql'")
  files.put('/var/lib/postgresql/15/main/postgresql.auto.conf', "port = '6001'\nlogging_collector = 'on'\ndata_directory = '/elsewhere'")
  files.put('/var/lib/postgresql/15/main/current_logfiles', 'csvlog log/x.csv\nstderr log/x.log\n')
  const expected = { ...MAIN, port: 6001, socketDirectory: '/tmp', logFile: '/var/lib/postgresql/15/main/log/x.log', collectsLog: true }
  t.same((await discoverClusters(files)).clusters, [expected])
  files.fail({ operation: 'readText', path: '/var/lib/postgresql/15/main/postgresql.auto.conf', code: 'EACCES' })
  t.match((await discoverClusters(files)).clusters, [{ port: 6000 }], 'a user who may not look into the data directory finds the cluster as well')
})

t.test('several clusters come in the order of versions; odd ones are left out with the reason', async (t) => {
  const files = debian()
  const conf = (directory: string): string => `data_directory = '${directory}'\n`
  files.put('/etc/postgresql/9.6/old/postgresql.conf', conf('/d/old'))
  files.put('/etc/postgresql/17/main/postgresql.conf', conf('/d/17/'))
  files.put('/etc/postgresql/17/main/start.conf', 'manual\n')
  files.put('/etc/postgresql/17/off/postgresql.conf', conf('/d/off'))
  files.put('/etc/postgresql/17/off/start.conf', '# auto\n  disabled # for now\n')
  files.put('/etc/postgresql/17/a b/postgresql.conf', conf('/d/ab'))
  files.put('/etc/postgresql/17/empty/start.conf', 'auto\n')
  files.put('/etc/postgresql/17/relative/postgresql.conf', conf('data'))
  files.put('/etc/postgresql/17/closed/postgresql.conf', conf('/d/closed'))
  files.put('/etc/postgresql/README', 'not a version')
  files.fail({ operation: 'readText', path: '/etc/postgresql/17/closed/postgresql.conf', code: 'EACCES' })
  const { clusters, skipped } = await discoverClusters(files)
  t.same(clusters.map(({ name, dataDirectory, port }) => [name, dataDirectory, port]), [['15-main', MAIN.dataDirectory, 5432], ['17-main', '/d/17', 5432]])
  t.match(skipped, [
    { name: '9.6-old', why: 'is older than PostgreSQL 10', wanted: false },
    { name: '17-a b', why: 'has a name that pgwatchd cannot use' },
    { name: '17-closed', why: /^cannot be looked at: .*EACCES/ },
    { name: '17-empty', why: 'has no /etc/postgresql/17/empty/postgresql.conf' },
    { name: '17-off', why: 'is disabled in /etc/postgresql/17/off/start.conf', wanted: true },
    { name: '17-relative', why: 'has no absolute data_directory in /etc/postgresql/17/relative/postgresql.conf' },
  ])
  const { problems } = await resolve(files)
  t.equal(problems.length, 5, 'a disabled cluster is no problem')
})

t.test('without entries every discovered cluster is watched, through peer authentication', async (t) => {
  const { clusters, problems } = await resolve(debian())
  t.same(problems, [])
  t.match(clusters, [{ cluster: MAIN, config: { name: '15-main', superuser: { user: 'postgres', host: '' }, application: undefined } }])
})

t.test('a host without a cluster, or one that hides them, says so', async (t) => {
  t.same(await resolve(createFakeFiles()), {
    clusters: [],
    problems: ['no cluster to watch was found below /etc/postgresql; name one with "clusters" in the configuration'],
  })
  const files = debian()
  files.fail({ operation: 'list', path: '/etc/postgresql', code: 'EACCES' })
  t.match((await resolve(files)).problems, [/^clusters cannot be discovered: .*EACCES/])
})

t.test('an entry is completed by the discovered cluster of its name or data directory, and overrides it', async (t) => {
  const byName = await resolve(debian(), 'clusters: [{name: 15-main, port: 6543, log_file: /x.log, application: {user: app}}]')
  t.match(byName, { problems: [], clusters: [{ cluster: { ...MAIN, port: 6543, logFile: '/x.log' }, config: { application: { user: 'app' } } }] })
  const byDirectory = await resolve(debian(), 'clusters: [{name: shop, data_directory: /var/lib/postgresql/15/main}]')
  t.match(byDirectory, { problems: [], clusters: [{ cluster: { ...MAIN, name: 'shop' } }] })
})

t.test('an entry that cannot be completed says what is missing', async (t) => {
  const files = debian()
  files.put('/etc/postgresql/15/off/postgresql.conf', "data_directory = '/d'")
  files.put('/etc/postgresql/15/off/start.conf', 'disabled')
  files.put('/bare/PG_VERSION', '15\n')
  files.put('/usr/lib/postgresql/15/bin/postgres', '')
  files.put('/odd/PG_VERSION', '99\n')
  const { clusters, problems } = await resolve(
    files,
    `clusters:
  - name: 16-main
  - name: 15-off
  - {name: nothing, data_directory: /nothing, service_manager: pg_ctl}
  - {name: odd, data_directory: /odd, service_manager: pg_ctl}
  - {name: bare, data_directory: /bare}
  - name: 15-main
  - {name: again, service_manager: pg_ctl, data_directory: /var/lib/postgresql/15/main}
`,
  )
  t.same(clusters.map(({ cluster }) => cluster.name), ['15-main'])
  t.same(problems, [
    '16-main: no cluster of this name was found below /etc/postgresql (there is 15-main); set its data_directory',
    '15-off: is disabled in /etc/postgresql/15/off/start.conf',
    'nothing: there is no readable /nothing/PG_VERSION; check data_directory, or set binary_directory',
    'odd: the binaries of PostgreSQL 99 were not found; set binary_directory',
    'bare: no unit is known for it; set unit, or service_manager to pg_ctl',
    'again: has the data directory of 15-main (/var/lib/postgresql/15/main); one of the two must go',
  ])
})

t.test('a bare data directory tells the rest by itself', async (t) => {
  const files = createFakeFiles()
  const entry = 'clusters: [{name: bare, data_directory: /bare, service_manager: pg_ctl}]'
  files.put('/bare/PG_VERSION', '15\n')
  files.put('/usr/lib/postgresql/15/bin/postgres', '')
  const found = { majorVersion: 15, binaryDirectory: '/usr/lib/postgresql/15/bin', configFile: '', unit: '' }
  const bare = { ...found, name: 'bare', dataDirectory: '/bare', serviceManager: 'pg_ctl' }
  t.match(await resolve(files, entry), { problems: [], clusters: [{ cluster: { ...bare, port: 5432, socketDirectory: '/var/run/postgresql', logFile: '' } }] })
  files.put('/bare/postgresql.conf', "port = 5500\nunix_socket_directories = '/s'\nlogging_collector = on")
  files.put('/bare/current_logfiles', 'stderr log/a.log\n')
  t.match(await resolve(files, entry), { problems: [], clusters: [{ cluster: { ...bare, port: 5500, socketDirectory: '/s', logFile: '/bare/log/a.log', collectsLog: true } }] })
  files.put('/bare/postmaster.pid', '42\n/bare\n1763690000\n5501\n/run/here\nlocalhost\n  1234 5678\nready   \n')
  t.match(await resolve(files, entry), { clusters: [{ cluster: { ...bare, port: 5501, socketDirectory: '/run/here' } }] })
  files.put('/bare/postmaster.pid', '42\n')
  t.match(await resolve(files, entry), { clusters: [{ cluster: { ...bare, port: 5500, socketDirectory: '/s' } }] })
})

t.test('a server without a socket needs a host', async (t) => {
  const files = debian('15/main', `${DEBIAN_CONF}\nunix_socket_directories = ''\n`)
  t.same(await resolve(files), { clusters: [], problems: ['15-main: unix_socket_directories is empty; set superuser.host and application.host'] })
  t.match(await resolve(files, 'clusters: [{name: 15-main, superuser: {host: 127.0.0.1}}]'), { problems: [], clusters: [{ cluster: { socketDirectory: '' } }] })
})
