import { execFile } from 'node:child_process'
import type { NotifyChannel } from './descriptor-channel.ts'

const PROGRAM_TIMEOUT_MS = 5_000

/**
 * For an installation without the launcher: a short-lived `systemd-notify` per message, READY and STATUS through the npm
 * package, whatever else it cannot say through the program itself. A program other than the main process needs
 * `NotifyAccess=all`, or root.
 */
export function createPackageChannel(notifySocket: string): NotifyChannel {
  return (message) => {
    const { ready, status, others } = readMessage(message)
    if (ready || status !== undefined) void notifyByPackage(notifySocket, ready, status)
    if (others.length > 0) notifyByProgram(notifySocket, others)
  }
}

function readMessage(message: string): { ready: boolean; status: string | undefined; others: readonly string[] } {
  const lines = message.split('\n')
  const status = lines.find((line) => line.startsWith('STATUS='))?.slice('STATUS='.length)
  const others = lines.filter((line) => line !== 'READY=1' && !line.startsWith('STATUS='))
  return { ready: lines.includes('READY=1'), status, others }
}

/** The package copies the environment when it is called, before its first await: the variable is there only for that moment. */
async function notifyByPackage(notifySocket: string, ready: boolean, status: string | undefined): Promise<void> {
  const { default: notify } = await import('systemd-notify')
  process.env['NOTIFY_SOCKET'] = notifySocket
  const sent = notify({ ready, ...(status === undefined ? {} : { status }) })
  delete process.env['NOTIFY_SOCKET']
  await sent.catch(() => {})
}

function notifyByProgram(notifySocket: string, lines: readonly string[]): void {
  const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', NOTIFY_SOCKET: notifySocket }
  const pid = `--pid=${process.pid}`
  execFile('systemd-notify', [pid, ...lines], { env: environment, timeout: PROGRAM_TIMEOUT_MS }, () => {})
}
