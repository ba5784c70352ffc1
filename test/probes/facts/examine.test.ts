import t from 'tap'
import type { Cluster } from '../../../src/core/cluster.ts'
import type { Damage, Facts } from '../../../src/core/facts.ts'
import { NO_INDICATORS } from '../../../src/core/postgres/log-indicators.ts'
import { createFactsMemory, examine } from '../../../src/probes/facts/examine.ts'
import { createFakeClock } from '../../fakes/clock.ts'
import { createFakeCommands } from '../../fakes/commands.ts'
import { createFakeFiles } from '../../fakes/files.ts'
import { createFakeLog } from '../../fakes/log.ts'
import { createFakePostgres } from '../../fakes/postgres.ts'
import { createFakeProcesses } from '../../fakes/processes.ts'
import { createFakeRandom } from '../../fakes/random.ts'
import { createFakeServiceManager } from '../../fakes/service-manager.ts'
import { noSessions } from '../../support/no-sessions.ts'
import { makeControlFile } from '../../core/postgres/make-control-file.ts'

const DATA = '/var/lib/postgresql/15/main'
const LOG = '/var/log/postgresql/postgresql-15-main.log'
const CLUSTER: Cluster = {
  name: '15-main',
  majorVersion: 15,
  dataDirectory: DATA,
  binaryDirectory: '/usr/lib/postgresql/15/bin',
  socketDirectory: '/run/postgresql',
  port: 5432,
  configFile: '/etc/postgresql/15/main/postgresql.conf',
  logFile: LOG,
  serviceManager: 'systemd',
  unit: 'postgresql@15-main.service',
}
const STALL_MS = 60_000

/** A host with one healthy cluster whose postmaster is pid 100, and a way to examine it. */
function makeHost() {
  const clock = createFakeClock()
  const files = createFakeFiles(() => clock.wallMs())
  const processes = createFakeProcesses()
  const commands = createFakeCommands()
  const service = createFakeServiceManager({ state: 'active', mainPid: 100, object: CLUSTER.unit })
  const outside = {
    clock,
    files,
    processes,
    commands,
    service,
    random: createFakeRandom(),
    log: createFakeLog(),
    postgres: createFakePostgres(),
  }
  const memory = createFactsMemory()
  files.putDirectory(`${DATA}/pg_wal`)
  files.put(`${DATA}/global/pg_control`, makeControlFile({ state: 6 }))
  files.put(LOG, 'the open log\n')
  commands.on('postgres', { stdout: '5432\n' })
  commands.on('perl', { exitCode: 1 })
  const settings = { stallTimeoutMs: STALL_MS, logAgeMs: 7 * 86_400_000, stateDirectory: '/var/lib/pgwatchd' }
  return {
    ...outside,
    memory,
    writePidFile: (pid: number, status = 'ready') =>
      files.put(`${DATA}/postmaster.pid`, `${pid}\n${DATA}\n1\n5432\n/run/postgresql\n\n 77 14\n${status}\n`),
    start(status = 'ready') {
      this.writePidFile(100, status)
      processes.putPostgres(DATA, { pid: 100 })
      processes.putPostgres(DATA, { pid: 101, parentPid: 100, commandLine: 'postgres: 15/main: checkpointer ' })
    },
    async examine(log = NO_INDICATORS): Promise<Facts> {
      const facts = examine({ cluster: CLUSTER, outside, memory, log, sessions: noSessions(outside), settings })
      const state = { settled: false }
      void facts.finally(() => (state.settled = true))
      for (await clock.settle(); !state.settled;) await clock.advance(10)
      return facts
    },
  }
}

t.test('a server that runs', async (t) => {
  const host = makeHost()
  host.start()
  t.match(await host.examine(), {
    postmaster: { status: 'running', pid: 100, processState: 'S' },
    service: { state: 'active' },
    controlFile: { state: 'in production', walSegmentBytes: 16 << 20 },
    pidFileStatus: 'ready',
    startup: undefined,
    owner: { status: 'none' },
    packageUpgrade: false,
    dataDirectoryUser: { status: 'unknown' },
    restoreSign: { status: 'unknown' },
    logEnding: 'unknown',
    pidFileLeft: false,
    rooms: [{ roles: ['data', 'wal'], neededBytes: 40 << 20 }],
    configurationError: { status: 'unknown' },
  })
  t.strictSame(host.commands.requests, [], 'no process is forked for a server that is up')
  t.equal(host.clock.pendingTimers(), 0)
})

t.test('the postmaster, and what may be taken for it', async (t) => {
  const cases: readonly (readonly [string, (host: ReturnType<typeof makeHost>) => void, object])[] = [
    ['none', () => {}, { status: 'absent' }],
    ['a dead pid in the file', (host) => host.writePidFile(100), { status: 'absent' }],
    [
      'an innocent process',
      (host) => (host.writePidFile(100), host.processes.put({ pid: 100, commandLine: 'psql -U postgres' })),
      { status: 'absent' },
    ],
    [
      "another cluster's server",
      (host) => (host.writePidFile(100), host.processes.putPostgres('/srv/other', { pid: 100 })),
      { status: 'absent' },
    ],
    [
      'a stopped one',
      (host) => (host.start(), host.processes.putPostgres(DATA, { pid: 100, state: 'T' })),
      { status: 'running', processState: 'T' },
    ],
    ['one without its file', (host) => (host.start(), host.files.erase(`${DATA}/postmaster.pid`)), { status: 'running', pid: 100 }],
    ['children alone', (host) => (host.start(), host.processes.end(100)), { status: 'orphans', pids: [101] }],
    [
      'shared memory alone',
      (host) => (host.writePidFile(100), host.processes.sharedMemory.set(14, [2, 77])),
      { status: 'orphans', pids: [] },
    ],
    [
      'the same segment number of another cluster',
      (host) => (host.writePidFile(100), host.processes.sharedMemory.set(14, [2, 78])),
      { status: 'absent' },
    ],
    [
      'a process that may not be looked at',
      (host) => (host.writePidFile(100), host.processes.put({ pid: 100, executable: undefined })),
      { status: 'unknown' },
    ],
    [
      'a file that may not be read',
      (host) => (host.start(), host.files.fail({ operation: 'readText', code: 'EACCES' })),
      { status: 'unknown' },
    ],
  ]
  for (const [name, arrange, expected] of cases) {
    const host = makeHost()
    arrange(host)
    const facts = await host.examine()
    t.match(facts.postmaster, expected, name)
    if ('status' in expected && expected.status === 'absent') t.equal(facts.pidFileStatus, '', 'a stale file has no say')
  }
})

t.test('a start is watched from look to look', async (t) => {
  const host = makeHost()
  host.start('starting')
  const startup = (commandLine: string, cpuTicks: number): unknown =>
    host.processes.putPostgres(DATA, { pid: 102, parentPid: 100, commandLine, cpuTicks, ioBytes: cpuTicks * 1_000_000 })
  const looks = async (): Promise<Facts['startup']> => (await host.examine()).startup

  startup('postgres: 15/main: startup ', 5)
  t.match(await looks(), { phase: 'before-redo', advancing: true, walFile: '' })
  host.files.put(`${DATA}/global/pg_control`, makeControlFile({ state: 4 }))
  startup('postgres: 15/main: startup recovering 00000001000000000000003C', 10)
  const detail = 'replaying 00000001000000000000003C, 10 MB read and written'
  t.match(await looks(), { phase: 'redo', advancing: true, stalledForMs: 0, walFile: '00000001000000000000003C', detail })
  await host.clock.advance(STALL_MS / 2)
  t.match(await looks(), { advancing: true, stalledForMs: STALL_MS / 2 })
  await host.clock.advance(STALL_MS / 2)
  t.match(await looks(), { advancing: false, stalledForMs: STALL_MS })
  startup('postgres: 15/main: startup ', 11)
  t.match(await looks(), { phase: 'end-of-recovery', advancing: true, stalledForMs: 0 })
  host.processes.putPostgres(DATA, { pid: 101, parentPid: 100, commandLine: 'postgres: 15/main: checkpointer ', cpuTicks: 7 })
  await host.clock.advance(STALL_MS * 2)
  t.match(await looks(), { advancing: true, stalledForMs: 0 }, 'the checkpointer works')
  host.processes.end(102)
  t.equal(await looks(), undefined)
})

t.test('who else owns the cluster', async (t) => {
  const process = (commandLine: string) => (host: ReturnType<typeof makeHost>) => void host.processes.put({ pid: 500, commandLine })
  const cases: readonly (readonly [string, (host: ReturnType<typeof makeHost>) => void, string | undefined])[] = [
    ['patroni by its file', (host) => host.files.put(`${DATA}/patroni.dynamic.json`, '{}'), 'patroni'],
    ['patroni as a script', process('/usr/bin/python3 /usr/bin/patroni /etc/patroni/15-main.yml'), 'patroni'],
    ["another cluster's patroni", process('/usr/bin/python3 /usr/bin/patroni /etc/patroni/14-old.yml'), undefined],
    ['an editor of its file', process('vim /etc/patroni/15-main.yml'), undefined],
    ['repmgr', process('/usr/bin/repmgrd --daemonize'), 'repmgr'],
    ['pg_auto_failover', process(`pg_autoctl run --pgdata ${DATA}`), 'pg_auto_failover'],
    ["another cluster's pg_auto_failover", process('pg_autoctl run --pgdata /srv/other'), undefined],
    ['pg_upgrade', process(`/usr/lib/postgresql/17/bin/pg_upgrade -d ${DATA} -D /var/lib/postgresql/17/main`), 'pg_upgrade'],
    [
      'a container',
      (host) => {
        host.start()
        host.processes.put({ pid: 90, commandLine: '/usr/bin/containerd-shim-runc-v2 -id x' })
        host.processes.putPostgres(DATA, { pid: 100, parentPid: 90 })
      },
      'container-engine',
    ],
    ["an operator's pg_ctl", (host) => (host.start(), host.service.change({ state: 'inactive', mainPid: 0 })), 'operator-pg_ctl'],
    ['a unit on its way', (host) => (host.start(), host.service.change({ state: 'activating', mainPid: 0 })), undefined],
    ['single-user mode', (host) => (host.start(), host.writePidFile(-100)), 'operator-pg_ctl'],
  ]
  for (const [name, arrange, expected] of cases) {
    const host = makeHost()
    arrange(host)
    t.match(
      (await host.examine()).owner,
      expected === undefined ? { status: 'none' } : { status: 'found', value: { name: expected } },
      name,
    )
  }
})

t.test('package managers and other people at work', async (t) => {
  const upgrades: readonly (readonly [string, boolean])[] = [
    ['/usr/bin/dpkg --status-fd 20 --no-triggers --unpack --auto-deconfigure x.deb', true],
    ['/bin/sh /var/lib/dpkg/info/postgresql-15.postinst configure 15.17', true],
    ['apt-get -y install postgresql-15', true],
    ['/usr/bin/python3 /usr/bin/unattended-upgrade', true],
    ['/usr/bin/python3 /usr/share/unattended-upgrades/unattended-upgrade-shutdown --wait-for-signal', false],
    ['apt-get update', false],
    ['dpkg -l', false],
  ]
  for (const [commandLine, expected] of upgrades) {
    const host = makeHost()
    host.processes.put({ pid: 500, commandLine, executable: undefined, uid: 0 })
    t.equal((await host.examine()).packageUpgrade, expected, commandLine)
  }
  const users: readonly (readonly [string, boolean, string])[] = [
    ['vim postgresql.conf', true, 'vim'],
    ['-bash', true, ''],
    ['tail -f log/x.log', true, ''],
    [`rsync -a ${DATA}/ /backup`, false, 'rsync'],
    [`/usr/lib/postgresql/15/bin/pg_checksums --check -D ${DATA}`, false, 'pg_checksums'],
    ['tar -c /home', false, ''],
    ['rsync -a /var/lib/postgresql/ /backup', false, 'rsync'],
    ['tar -C /var/lib/postgresql/15 -cf /backup.tar main', false, 'tar'],
    ['rsync -a / backup:', false, ''],
    ['rsync -a /var/lib backup:', false, ''],
    ['cp -a /srv/other/main /backup', false, ''],
  ]
  for (const [commandLine, inside, expected] of users) {
    const host = makeHost()
    host.processes.put({ pid: 500, commandLine })
    if (inside) host.processes.users.set(DATA, [500])
    t.strictSame(
      (await host.examine()).dataDirectoryUser,
      expected === '' ? { status: 'none' } : { status: 'found', value: `${expected} (pid 500)` },
      commandLine,
    )
  }
})

t.test('work that only its traces tell of', async (t) => {
  const hidden = makeHost()
  hidden.processes.put({ pid: 500, commandLine: 'cp -a ./main main.bak', workingDirectory: undefined, executable: undefined, uid: 0 })
  t.match(await hidden.examine(), { dataDirectoryUser: { status: 'found', value: 'cp (pid 500)' } }, 'a relative path of another user')
  const open = makeHost()
  open.processes.put({ pid: 501, commandLine: 'borg create repo::x /srv', workingDirectory: undefined, executable: undefined, uid: 0 })
  open.commands.on('perl', { stdout: 'base/5/2601' })
  t.match(await open.examine(), {
    dataDirectoryUser: { status: 'found', value: "another user's program (perhaps borg, pid 501; it has base/5/2601 open)" },
    dataDirectoryUserIsHot: false,
  })
  open.memory.servedMonotonicMs = 60_000
  t.match(
    await open.examine(),
    { dataDirectoryUser: { status: 'found' }, dataDirectoryUserIsHot: true },
    'open when the server had just ended',
  )
  const since = makeHost()
  since.memory.servedMonotonicMs = 60_000
  t.match(await since.examine(), { dataDirectoryUser: { status: 'none' } })
  since.commands.on('perl', { stdout: 'base/5/2601' })
  t.match(await since.examine(), { dataDirectoryUser: { status: 'found' }, dataDirectoryUserIsHot: false }, 'opened since')
})

t.test('a copy that was begun while the server served is told apart', async (t) => {
  const host = makeHost()
  host.processes.put({ pid: 500, commandLine: `rsync -a ${DATA}/ /backup`, startTimeTicks: 100 })
  host.memory.servedMonotonicMs = 60_000
  t.match(await host.examine(), { dataDirectoryUser: { status: 'found' }, dataDirectoryUserIsHot: true })
  host.processes.put({ pid: 501, commandLine: `tar -cf x ${DATA}`, startTimeTicks: 6_100 })
  t.match(await host.examine(), { dataDirectoryUser: { value: 'tar (pid 501)' }, dataDirectoryUserIsHot: false })
})

t.test('room, and what could give more of it', async (t) => {
  const host = makeHost()
  const wal = host.files.mount(`${DATA}/pg_wal`, { availableBytes: 5_000_000 })
  t.match(await host.examine(), { rooms: [{ roles: ['data'] }, { roles: ['wal'], availableBytes: 5_000_000, freeable: { bytes: 0 } }] })
  wal.availableBytes = 60e9
  const old = { modifiedWallMs: host.clock.wallMs() - 30 * 86_400_000 }
  host.files.put(`${LOG}.1`, new Uint8Array(8192), old)
  host.files.put(`${LOG}.2.gz`, new Uint8Array(8192))
  host.files.put(`${DATA}/core.77`, new Uint8Array(4096))
  host.files.put('/var/lib/postgresql/15/.pgwatchd-ballast-15-main', new Uint8Array(12288))
  host.files.volumeOf(DATA).availableBytes = 1000
  t.match(await host.examine(), { rooms: [{ availableBytes: 1000, freeable: { bytes: 8192 + 4096 + 12288, inodes: 2 } }] })
  host.files.mount('/var/log', {})
  t.match(await host.examine(), { rooms: [{ freeable: { bytes: 4096 + 12288 } }] }, 'a log on another file system gives no room here')
})

t.test('a tablespace is looked at on its own file system, and one that cannot be measured hides nothing', async (t) => {
  const host = makeHost()
  host.files.mount('/fast', { availableBytes: 1000 })
  host.files.putDirectory('/fast/pg')
  host.files.putLink(`${DATA}/pg_tblspc/16400`, '/fast/pg')
  host.files.putLink(`${DATA}/pg_tblspc/16401`, '/gone')
  host.files.put('/fast/pg/pgsql_tmp.pgwatchd-ballast-15-main', new Uint8Array(12288))
  const { rooms } = await host.examine()
  t.match(rooms, [{ roles: ['data', 'wal'] }, { roles: ['tablespace 16400'], neededBytes: 8 << 20, freeable: { bytes: 12288, inodes: 0 } }])
  t.equal(rooms?.length, 2)
})

t.test('the configuration is tried while the server is down', async (t) => {
  const host = makeHost()
  host.commands.on('postgres', {
    exitCode: 1,
    stderr: 'LOG:  syntax error in file "x" line 3\nFATAL:  configuration file "x" contains errors\n',
  })
  const value = 'LOG:  syntax error in file "x" line 3; FATAL:  configuration file "x" contains errors'
  t.strictSame((await host.examine()).configurationError, { status: 'found', value })
  const tries = host.commands.lines().filter((line) => line.startsWith('postgres'))
  t.strictSame(tries, [`postgres -C port -D ${DATA} -c config_file=${CLUSTER.configFile}`])
})

t.test('what hangs or fails is not known, and ends in time', async (t) => {
  const host = makeHost()
  host.start()
  host.files.read = () => new Promise(() => {})
  host.files.fail({ operation: 'volume', code: 'EIO' })
  host.service.status = () => new Promise(() => {})
  const begunMs = host.clock.monotonicMs()
  const unknown = { controlFile: undefined, rooms: undefined, service: { state: 'unknown' } }
  t.match(await host.examine(), { ...unknown, postmaster: { status: 'running' } })
  t.ok(host.clock.monotonicMs() - begunMs <= 3000)
})

t.test('what a server that is down has left', async (t) => {
  const host = makeHost()
  t.match(await host.examine(), {
    pidFileLeft: false,
    restoreSign: { status: 'none' },
    dataDirectoryUser: { status: 'none' },
    logEnding: 'unknown',
  })
  host.writePidFile(100)
  host.files.put(LOG, 'LOG:  received immediate shutdown request\nLOG:  database system is shut down\n')
  t.match(await host.examine(), { pidFileLeft: true, logEnding: 'immediate-stop' })
  const readText = host.files.readText
  const texts = ['100', undefined]
  host.files.readText = async (path, limits) => (path.endsWith('postmaster.pid') ? texts.shift() : readText(path, limits))
  t.match(await host.examine(), { pidFileLeft: false }, 'removed while it was looked at')
  for (const name of ['backup_label', 'recovery.signal', 'standby.signal']) {
    host.files.put(`${DATA}/${name}`, '')
    t.strictSame((await host.examine()).restoreSign, { status: 'found', value: name })
  }
  host.files.status = () => new Promise(() => {})
  t.match(await host.examine(), { restoreSign: { status: 'unknown' }, owner: { status: 'unknown' } })
  host.processes.put({ pid: 500, commandLine: '/usr/bin/python3 /usr/bin/patroni /etc/patroni/15-main.yml' })
  t.match((await host.examine()).owner, { status: 'found', value: { name: 'patroni' } }, 'a process is seen though the disk hangs')
})

t.test('the files of a running server are not searched for users', async (t) => {
  const host = makeHost()
  host.start()
  host.processes.using = () => t.fail('every file of every process is looked at') as never
  t.match(await host.examine(), { dataDirectoryUser: { status: 'unknown' } })
})

t.test('a start without a postmaster has its time', async (t) => {
  const host = makeHost()
  host.service.change({ state: 'activating', mainPid: 0, job: 'start' })
  t.match((await host.examine()).pendingStart, { isOverdue: false })
  await host.clock.advance(STALL_MS)
  t.match((await host.examine()).pendingStart, { isOverdue: true })
  host.service.change({ state: 'inactive', job: '' })
  t.equal((await host.examine()).pendingStart, undefined)
})

t.test('damage that the log names is believed when the disk shows it', async (t) => {
  const damage = (kind: Damage['kind'], relationPath: string, block: number): Damage => ({
    kind,
    relationPath,
    block,
    message: `${kind} ${relationPath} ${block}`,
  })
  const host = makeHost()
  host.start()
  const good = new Uint8Array(8192)
  const bad = new Uint8Array(8192).fill(0x5a)
  host.files.put(`${DATA}/base/5/16384`, Buffer.concat([good, bad]))
  host.files.put(`${DATA}/base/5/16385`, new Uint8Array(8192 + 100))
  host.files.put(`${DATA}/base/5/PG_VERSION`, '15')
  host.files.put(`${DATA}/pg_xact/0000`, bad)
  const real = [damage('page', 'base/5/16384', 1), damage('missing-file', 'base/5/16399', -1), damage('short-file', 'base/5/16385', 1)]
  const forged = [
    damage('page', 'base/5/16384', 0),
    damage('page', 'base/5/16384', 7),
    damage('page', 'pg_xact/0000', 0),
    damage('missing-file', 'base/5/16384', -1),
    damage('missing-file', 'base/99/16384', -1),
    damage('short-file', 'base/5/16384', 2),
    damage('index', 'orders_pkey', 3),
  ]
  const log = { ...NO_INDICATORS, damages: [...forged, ...real] }
  t.strictSame((await host.examine(log)).damages, real)
  await host.examine(log)
  t.equal(host.log.entries.filter(({ event }) => event === 'damage-unproved').length, forged.length, 'each doubt is told once')
  t.strictSame((await host.examine()).damages, [])
})
