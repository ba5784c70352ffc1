import type { Assessment } from '../core/cause.ts'
import { tellMatter } from './tell.ts'
import type { Watch } from './watch.ts'

/** Tells each warning when it appears (repeats are held back by policy) and when it is over. */
export async function tellWarnings(watch: Watch, assessment: Assessment): Promise<void> {
  const now = new Map(assessment.warnings.map((warning) => [warning.key, warning.sentence]))
  for (const [key, sentence] of now) await tellMatter(watch, 'warning', key, sentence)
  if (assessment.response !== 'none') {
    watch.warnings = new Map([...watch.warnings, ...now])
    return
  }
  for (const [key, sentence] of watch.warnings) if (!now.has(key)) await tellMatter(watch, 'warning-cleared', key, sentence)
  watch.warnings = now
}
