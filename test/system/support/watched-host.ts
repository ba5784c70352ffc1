import type { Test } from 'tap'
import { readFileSync } from 'node:fs'
import type { StatusReport, ClusterReport } from '../../../src/daemon/control-protocol.ts'
import type { Medium } from './container.ts'
import { startInbox, type Inbox } from './inbox.ts'
import { bootMachine, type Machine } from './machine.ts'
import { ensurePackage } from './package.ts'
import { waitUntilServing } from './service-clock.ts'
import { waitFor } from './wait.ts'

/** A machine on which pgwatchd is installed as its documentation says. */
export interface WatchedHost extends Machine {
  readonly inbox: Inbox
  /** Path in the machine of the installed package. */
  readonly packagePath: string
  status(): Promise<StatusReport>
  cluster(): Promise<ClusterReport>
  /** Waits until the daemon says that all is well, and systemd that the unit's start is over. */
  waitUntilHealthy(timeoutMs?: number): Promise<void>
  /** pid in the machine of PostgreSQL's first process. */
  postmasterPid(): Promise<number>
  /** Upgrades to a package that differs in its version alone. */
  installNewerPackage(): Promise<void>
  /** Writes `/etc/pgwatch.yaml`, without applying it. */
  configure(lines: readonly string[]): Promise<void>
}

const PACKAGE_PATH = '/root/pgwatchd.deb'
const REPACK = `
  [ ! -e /root/pgwatchd-newer.deb ] || exit 0
  directory=$(mktemp -d)
  dpkg-deb -R ${PACKAGE_PATH} "$directory"
  sed -i 's/^Version: .*/Version: 99.0/' "$directory/DEBIAN/control"
  dpkg-deb -Znone -b "$directory" /root/pgwatchd-newer.deb
  rm -r "$directory"`
const PASSWORD_FILE = '/etc/pgwatchd-app.password'
const HEALTHY_TIMEOUT_MS = 60_000

/** Whom a machine lives for. */
export type Owner = Pick<Test, 'passing' | 'teardown'>

/**
 * Boots a machine, installs the package, sets up the database, and starts the daemon with these lines of configuration
 * added. The machine is removed when the test ends.
 */
export async function startWatchedHost(t: Owner, configuration: readonly string[] = [], medium: Medium = 'memory'): Promise<WatchedHost> {
  const host = await installHost(t, medium)
  try {
    await host.configure(configuration)
    await host.exec(['pgwatchd', 'setup-database'], { user: 'postgres' })
    await host.exec(['systemctl', 'enable', '--now', 'pgwatchd'])
    await host.waitUntilHealthy()
    return host
  } catch (error) {
    process.stderr.write(await describeMachine(host))
    throw error
  }
}

/** Boots a machine with an application's database, and installs the package; the daemon is not started. */
export async function installHost(t: Owner, medium: Medium = 'memory'): Promise<WatchedHost> {
  const debFile = await ensurePackage()
  const machine = await bootMachine(medium)
  t.teardown(async () => {
    if (!t.passing()) process.stderr.write(await describeMachine(machine))
    await machine.remove()
  })
  await prepareDatabase(machine)
  await machine.exec(['sh', '-c', `cat > ${PACKAGE_PATH}`], { input: readFileSync(debFile) })
  await machine.exec(['apt-get', '-q', '-y', 'install', PACKAGE_PATH], { timeoutMs: 120_000 })
  const inbox = await startInbox(machine)
  t.teardown(() => inbox.stop())
  return describeHost(machine, inbox)
}

function describeHost(machine: Machine, inbox: Inbox): WatchedHost {
  const status = async (): Promise<StatusReport> =>
    JSON.parse((await machine.exec(['pgwatchd', 'status', '--json'], { anyExit: true })).stdout) as StatusReport
  const cluster = async (): Promise<ClusterReport> => {
    const [first] = (await status()).clusters
    if (first === undefined) throw new Error('the daemon watches no cluster')
    return first
  }
  return {
    ...machine,
    inbox,
    packagePath: PACKAGE_PATH,
    status,
    cluster,
    waitUntilHealthy: async (timeoutMs = HEALTHY_TIMEOUT_MS) => {
      let last = ''
      const look = async (): Promise<true | undefined> => {
        const report = await cluster()
        last = `${report.mode}: ${report.sentence}`
        if (report.mode === 'healthy' && report.lastTickWallMs !== null) return true
        throw new Error(last)
      }
      await waitFor('pgwatchd to find all well', timeoutMs, look)
      await waitForUnit(machine, timeoutMs)
    },
    postmasterPid: async () => {
      const pid = Number((await machine.exec(['head', '-n', '1', `${machine.dataDirectory}/postmaster.pid`])).stdout)
      if (!(pid > 1)) throw new Error('postmaster.pid names no process')
      return pid
    },
    installNewerPackage: async () => {
      await machine.exec(['sh', '-ec', REPACK])
      await machine.exec(['apt-get', '-q', '-y', '--reinstall', 'install', '/root/pgwatchd-newer.deb'], { timeoutMs: 120_000 })
    },
    configure: (lines) => machine.writeFile('/etc/pgwatch.yaml', renderConfiguration(machine, inbox, lines), '0640', 'root:postgres'),
  }
}

/** `pg_ctlcluster` looks only every few seconds whether its server serves: until then the unit is "activating". */
export async function waitForUnit(machine: Machine, timeoutMs: number): Promise<void> {
  await waitFor('the unit to be active', timeoutMs, async () => {
    const { stdout } = await machine.exec(['systemctl', 'is-active', machine.unit], { anyExit: true })
    return stdout.trim() === 'active' || undefined
  })
}

/** What a person would look at after a failed test. */
async function describeMachine(machine: Machine): Promise<string> {
  const commands = [
    'journalctl -u pgwatchd -o short-precise --no-pager -n 400',
    `journalctl -u ${machine.unit} -o short-precise --no-pager -n 60`,
    'tail -n 60 /var/log/postgresql/postgresql-*.log',
    'pgwatchd status',
    'df /var/lib/postgresql',
  ]
  const parts = await Promise.all(
    commands.map((command) => machine.exec(['sh', '-c', `echo "+ ${command}"; ${command} 2>&1`], { anyExit: true })),
  )
  return parts.map(({ stdout }) => stdout).join('\n')
}

/** The application's user and database, with a password over the socket as well. */
async function prepareDatabase(machine: Machine): Promise<void> {
  const hba = `/etc/postgresql/${String(machine.release.postgresVersion)}/main/pg_hba.conf`
  await machine.exec(['sed', '-i', '1i local app app scram-sha-256', hba])
  await machine.sql(`create role app login password 'correct horse'`)
  await machine.sql('create database app owner app')
  await machine.sql('select pg_reload_conf()')
  await machine.writeFile(PASSWORD_FILE, 'correct horse\n', '0600', 'postgres:postgres')
  await waitUntilServing(machine, HEALTHY_TIMEOUT_MS)
}

function renderConfiguration(machine: Machine, inbox: Inbox, lines: readonly string[]): string {
  return [
    'clusters:',
    `  - name: ${machine.clusterName}`,
    '    application:',
    '      user: app',
    '      database: app',
    `      password_file: ${PASSWORD_FILE}`,
    'alerts:',
    '  mail:',
    '    to: [dba@example.org]',
    '    smtp:',
    '      host: 127.0.0.1',
    `      port: ${String(inbox.port)}`,
    '      security: none',
    ...lines,
    '',
  ].join('\n')
}
