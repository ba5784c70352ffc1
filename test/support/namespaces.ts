import { run, type Result, type RunOptions } from '../system/support/run.ts'

/** Reaps every orphan, as a real init does: PostgreSQL believes that a zombie postmaster lives, and refuses to start. */
const INIT = ['bash', '-c', '"$@"; exit $?', 'init']
const OWN = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc', '--ipc', '--net']

/**
 * Runs a program as root in namespaces of its own for mounts, processes, shared memory and network. Whatever it starts or
 * mounts is gone when it ends, however it ends.
 */
export function runIsolated(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  return run(['unshare', ...OWN, '--', ...INIT, ...argv], options)
}
