import { hostPid } from '../../test/system/support/host-pid.ts'
import { startWatchedHost } from '../../test/system/support/watched-host.ts'
import type { WatchedHost } from '../../test/system/support/watched-host.ts'
import { measureIdleDaemon } from './idle.ts'
import type { Measurement } from './measurement.ts'

const WHERE = ', systemd'
const NODE = '/usr/lib/pgwatchd/node'

/** As after a boot: what was just installed is in memory in larger pieces, and counts as resident in them. */
async function readRuntimeAgainFromDisk(host: WatchedHost): Promise<void> {
  await host.exec(['systemctl', 'stop', 'pgwatchd'])
  await host.exec(['sync', NODE])
  await host.exec(['dd', `if=${NODE}`, 'iflag=nocache', 'count=0', 'status=none'])
  await host.exec(['systemctl', 'start', 'pgwatchd'])
  await host.waitUntilHealthy()
}

async function mainPid(host: WatchedHost): Promise<number> {
  const { stdout } = await host.exec(['systemctl', 'show', '--value', '-p', 'MainPID', 'pgwatchd'])
  return hostPid(host, Number(stdout))
}

/**
 * The installed package under a booted systemd: the unit with its sandbox and its watchdog, the status of the server's unit over
 * D-Bus. Begins after the first look of a later start, as the other.
 */
export async function measureIdleUnderSystemd(minutes: number): Promise<readonly Measurement[]> {
  const teardowns: (() => unknown)[] = []
  try {
    const host = await startWatchedHost({ passing: () => true, teardown: (handler) => teardowns.unshift(handler) }, [], 'disk')
    await readRuntimeAgainFromDisk(host)
    const walBytes = async (): Promise<number> => Number(await host.sql("select pg_current_wal_insert_lsn() - '0/0'"))
    return await measureIdleDaemon({ pid: await mainPid(host), report: host.cluster, walBytes }, minutes, WHERE)
  } finally {
    for (const teardown of teardowns) await teardown()
  }
}
