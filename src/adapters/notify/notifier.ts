import type { Notifier } from '../../ports/notifier.ts'
import { createBlockingChannel, createNonBlockingChannel, isSocket } from './descriptor-channel.ts'
import type { NotifyChannel } from './descriptor-channel.ts'
import { createPackageChannel } from './package-channel.ts'
import type { SupervisorEnvironment } from './supervisor-environment.ts'

/** systemd cuts a status line that is much longer than this. */
const STATUS_LENGTH = 400

/** Speaks sd_notify(3) over the inherited socket, else through `systemd-notify`, else to nobody. */
export function createNotifier(environment: SupervisorEnvironment): Notifier {
  return notifierOver(chooseChannel(environment), environment.watchdogMs)
}

function chooseChannel({ notifySocket, notifySocketDescriptor: descriptor }: SupervisorEnvironment): NotifyChannel {
  if (descriptor !== undefined && isSocket(descriptor.number)) {
    return descriptor.blocking ? createBlockingChannel(descriptor.number) : createNonBlockingChannel(descriptor.number)
  }
  return notifySocket === '' ? () => {} : createPackageChannel(notifySocket)
}

function notifierOver(send: NotifyChannel, watchdogMs: number | undefined): Notifier {
  return {
    ready: (status) => send(`READY=1\n${statusLine(status)}`),
    status: (text) => send(statusLine(text)),
    reloading: () => send(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`),
    stopping: (status) => send(`STOPPING=1\n${statusLine(status)}`),
    extendTimeout: (durationMs) => send(`EXTEND_TIMEOUT_USEC=${Math.round(durationMs * 1000)}`),
    alive: () => send('WATCHDOG=1'),
    aliveIntervalMs: watchdogMs === undefined ? undefined : watchdogMs / 2,
  }
}

/** A newline inside would smuggle in another assignment. */
function statusLine(text: string): string {
  return `STATUS=${text.replace(/\s+/g, ' ').slice(0, STATUS_LENGTH)}`
}
