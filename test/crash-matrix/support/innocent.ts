import { spawn } from 'node:child_process'

/** A process of the user postgres that nobody may harm. */
export interface Innocent {
  readonly pid: number
  isAlive(): boolean
}

export function startInnocent(): Innocent {
  const child = spawn('setpriv', ['--reuid=postgres', '--regid=postgres', '--clear-groups', '--', 'sleep', '600'], { stdio: 'ignore' })
  return { pid: child.pid ?? 0, isAlive: () => child.exitCode === null && child.signalCode === null }
}
