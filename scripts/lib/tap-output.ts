/** What a test file reported. */
export interface TapCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The counts and the part of the output that a person needs to see. */
export interface TapResult extends TapCounts {
  readonly failures: readonly string[]
}

const POINT = /^(?<indent> *)(?<not>not )?ok \d+(?<text>.*)$/
const DIRECTIVE = /# (SKIP|TODO)/

/**
 * Reads the output of one test file. The outermost test points are counted; a skipped test is counted at any depth, so
 * that none is hidden in a passed one. An exit code other than 0 without a failed point, or no point at all, is a failure.
 */
export function readTap(output: string, exitCode: number, timedOut: boolean): TapResult {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const failures: string[] = []
  let block: string[] = []
  for (const line of output.split('\n')) {
    const point = POINT.exec(line)?.groups
    block.push(line)
    if (point === undefined) continue
    const outermost = point['indent'] === ''
    if (DIRECTIVE.test(line)) counts.skipped++
    else if (outermost && point['not'] === undefined) counts.passed++
    else if (outermost) {
      counts.failed++
      failures.push(...block)
    }
    if (outermost) block = []
  }
  const silent = counts.failed === 0 && (exitCode !== 0 || counts.passed + counts.skipped === 0)
  if (silent || timedOut) {
    counts.failed++
    failures.push(...block, timedOut ? 'The file did not end in time.' : `The file ended with exit code ${String(exitCode)}.`)
  }
  return { ...counts, failures }
}
