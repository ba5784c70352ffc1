import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { hostPid } from './host-pid.ts'
import type { Machine } from './machine.ts'

/** A fault that waits for its moment in a process of the machine. */
export interface Injection {
  /** Resolves when the process has ended. */
  readonly ended: Promise<unknown>
  /** Whether the fault was really made. */
  wasMade(): boolean
  /** Lets go of the process. */
  stop(): Promise<void>
}

/**
 * Prepares a fault for the `when`-th write, from now, of a process to a file: `signal=KILL` or `delay_enter=…` (microseconds),
 * in strace's words. A signal comes before the write. The process must make its writes in one thread.
 */
export async function injectAtWrite(machine: Machine, pid: number, path: string, fault: string, when: number): Promise<Injection> {
  const what = ['-e', 'trace=pwrite64', '-P', path, '-e', `inject=pwrite64:${fault}:when=${String(when)}`]
  const tracer = spawn('strace', ['-f', '-p', String(hostPid(machine, pid)), ...what], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(tracer, 'exit')
  const lines = createInterface(tracer.stderr)
  const attached = once(lines, 'line')
  let made = false
  lines.on('line', (line) => {
    made ||= /INJECTED|DELAYED|killed by SIGKILL/.test(line)
  })
  await attached
  return {
    ended,
    wasMade: () => made,
    stop: async () => {
      tracer.kill('SIGTERM')
      await ended
    },
  }
}
