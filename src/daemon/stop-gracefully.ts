import type { HostParts } from './compose.ts'
import type { Fleet } from './fleet.ts'

const EXTENSION_MS = 30_000

/** Lets what is under way come to its end, with the service manager's patience renewed for as long as that takes. */
export async function stopGracefully(parts: HostParts, fleet: Fleet): Promise<void> {
  const { host, notifier } = parts
  const recovering = fleet.watches().filter((watch) => watch.recovery !== undefined)
  const status =
    recovering.length === 0
      ? 'stopping'
      : `stopping when the recovery of ${recovering.map(({ cluster }) => cluster.name).join(', ')} has ended`
  notifier.stopping(status)
  host.log.write({ level: 'notice', event: 'stopping', message: `pgwatchd is ${status}` })
  const stopped = fleet.stop()
  const ended = new AbortController()
  const patience = keepPatience(parts, ended.signal)
  try {
    await stopped
  } finally {
    ended.abort()
    await patience
  }
}

async function keepPatience({ host, notifier }: HostParts, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    notifier.extendTimeout(EXTENSION_MS)
    notifier.alive()
    await host.clock.sleep(EXTENSION_MS / 3, ended)
  }
}
