import { runIsolated } from '../../support/namespaces.ts'
import type { RunRequest, RunResult } from './run.ts'

const TIMEOUT_MS = 120_000

/** One run of the matrix, in namespaces of its own. Throws when the harness itself fails. */
export async function play(request: RunRequest): Promise<RunResult> {
  const argv = [process.execPath, `${import.meta.dirname}/run-one.ts`, JSON.stringify(request)]
  const { stdout, stderr, exitCode } = await runIsolated(argv, { timeoutMs: TIMEOUT_MS, anyExit: true })
  if (exitCode !== 0) throw new Error(`the run ended with exit code ${String(exitCode)}: ${stderr}${stdout}`)
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as RunResult
}
