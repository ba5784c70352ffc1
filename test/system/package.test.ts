import t from 'tap'
import { isServing, waitUntilServing } from './support/service-clock.ts'
import { startWatchedHost } from './support/watched-host.ts'

const EXPOSURE_AT_MOST = 2.5

t.setTimeout(900_000)

const host = await startWatchedHost(t, ['recovery:', '  attempts: 20'])

t.test('the machine needs no Node of its own', async (t) => {
  t.not((await host.exec(['sh', '-c', 'command -v node'], { anyExit: true })).exitCode, 0)
  t.match((await host.exec(['pgwatchd', 'version'])).stdout, /\d+\.\d+\.\d+/)
})

t.test('the daemon runs as postgres and is sandboxed', async (t) => {
  const { stdout } = await host.exec(['ps', '-o', 'user=', '-p', String((await host.status()).pid)])
  t.equal(stdout.trim(), 'postgres')
  const analysis = await host.exec(['systemd-analyze', 'security', '--no-pager', 'pgwatchd'])
  const exposure = Number(/Overall exposure level for pgwatchd\.service: ([\d.]+)/.exec(analysis.stdout)?.[1])
  t.ok(exposure <= EXPOSURE_AT_MOST, `exposure ${String(exposure)}`)
})

t.test('the user postgres may manage the clusters, and nothing else', async (t) => {
  const asPostgres = async (...argv: readonly string[]): Promise<number> =>
    (await host.exec(['systemctl', '--no-ask-password', ...argv], { user: 'postgres', anyExit: true })).exitCode
  await host.exec(['pgwatchd', 'pause'])
  t.equal(await asPostgres('stop', host.unit), 0)
  t.equal(await asPostgres('start', host.unit), 0)
  await host.exec(['pgwatchd', 'resume'])
  t.not(await asPostgres('stop', 'ssh.service'), 0)
  t.not(await asPostgres('start', 'ssh.service'), 0)
  t.not(await asPostgres('stop', 'dbus.service'), 0)
  t.not(await asPostgres('mask', host.unit), 0)
  t.not(await asPostgres('disable', host.unit), 0)
  t.not(await asPostgres('stop', 'pgwatchd.service'), 0)
  t.not(await asPostgres('reboot'), 0)
  await host.waitUntilHealthy()
})

t.test('a reboot keeps the counters', async (t) => {
  await host.exec(['kill', '-KILL', String(await host.postmasterPid())])
  await host.waitUntilHealthy()
  const before = await host.cluster()
  t.ok(before.attemptsInWindow >= 1)
  await host.inbox.stop()
  await host.cutPowerAndBoot()
  await host.inbox.start()
  await host.waitUntilHealthy()
  t.equal((await host.cluster()).attemptsInWindow, before.attemptsInWindow)
})

t.test('an upgrade keeps the configuration and the database', async (t) => {
  const postmaster = await host.postmasterPid()
  const daemon = (await host.status()).pid
  const { stdout: configuration } = await host.exec(['cat', '/etc/pgwatch.yaml'])
  await host.installNewerPackage()
  await host.waitUntilHealthy()
  t.not((await host.status()).pid, daemon, 'the new daemon runs')
  t.equal(await host.postmasterPid(), postmaster, 'the database was not restarted')
  t.equal((await host.exec(['cat', '/etc/pgwatch.yaml'])).stdout, configuration)
})

t.test('removal leaves the database running and the configuration in place', async (t) => {
  const postmaster = await host.postmasterPid()
  await host.exec(['apt-get', '-q', '-y', 'remove', 'pgwatchd'], { timeoutMs: 120_000 })
  t.equal(await host.postmasterPid(), postmaster)
  t.ok(await isServing(host))
  t.equal((await host.exec(['test', '-f', '/etc/pgwatch.yaml'], { anyExit: true })).exitCode, 0)
  t.not((await host.exec(['pgrep', '-f', '^/usr/(bin|lib)/pgwatchd'], { anyExit: true })).exitCode, 0, 'no process is left')
  await host.exec(['systemctl', 'restart', host.unit])
  await waitUntilServing(host, 20_000)
})

t.test('purging leaves nothing', async (t) => {
  await host.exec(['apt-get', '-q', '-y', 'purge', 'pgwatchd'], { timeoutMs: 120_000 })
  // The test's own files: the package it was installed from, and the application's password.
  const find = ['find', '/etc', '/usr', '/var', '/run', '/root', '-xdev', '-iname', '*pgwatch*']
  const { stdout } = await host.exec(find, { anyExit: true })
  const own = [host.packagePath, '/root/pgwatchd-newer.deb', '/etc/pgwatchd-app.password']
  t.strictSame(
    stdout.split('\n').filter((path) => path !== '' && !own.includes(path) && !path.startsWith('/var/log/journal')),
    [],
  )
  t.ok(await isServing(host))
})
