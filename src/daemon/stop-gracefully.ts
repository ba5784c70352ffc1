import type { HostParts } from './compose.ts'
import type { Fleet } from './fleet.ts'

const EXTENSION_MS = 30_000

/** Lets what is under way come to its end, with the service manager's patience renewed for as long as that takes. */
export async function stopGracefully({ host, notifier }: HostParts, fleet: Fleet): Promise<void> {
  const recovering = fleet.watches().filter(watch => watch.recovery !== undefined)
  const status = recovering.length === 0 ? 'stopping' : `stopping when the recovery of ${recovering.map(({ cluster }) => cluster.name).join(', ')} has ended`
  notifier.stopping(status)
  host.log.write({ level: 'notice', event: 'stopping', message: `pgwatchd is ${status}` })
  const stopped = fleet.stop()
  let ended = false
  void stopped.finally(() => (ended = true)).catch(() => undefined)
  while (!ended) {
    notifier.extendTimeout(EXTENSION_MS)
    notifier.alive()
    await Promise.race([stopped, host.clock.sleep(EXTENSION_MS / 3)])
  }
  await stopped
}
