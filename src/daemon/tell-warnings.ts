import type { Assessment } from '../core/cause.ts'
import { tellMatter } from './tell.ts'
import type { Watch } from './watch.ts'

/** What happened once, and so is never over. */
export const CRASH_OF_SESSIONS = 'sessions:crashed'
/** The same: the server reported an error of its storage, and serves again. */
export const STORAGE_ERROR = 'storage:error'
/** The same: checksum failures were counted, and what looking for their place came to. */
export const CHECKSUMS_COUNTED = 'checksums:counted'
export const PAGES_WHOLE = 'checksums:pages-whole'
const ONCE = [CRASH_OF_SESSIONS, STORAGE_ERROR, CHECKSUMS_COUNTED, PAGES_WHOLE]

/** Tells each warning when it appears (repeats are held back by policy) and when it is over. */
export async function tellWarnings(watch: Watch, assessment: Assessment): Promise<void> {
  for (const { key, sentence } of assessment.warnings) await tellMatter(watch, 'warning', key, sentence)
  const now = new Map(assessment.warnings.filter(({ key }) => !ONCE.includes(key)).map(({ key, sentence }) => [key, sentence]))
  if (assessment.response !== 'none') {
    watch.warnings = new Map([...watch.warnings, ...now])
    return
  }
  for (const [key, sentence] of watch.warnings) if (!now.has(key)) await tellMatter(watch, 'warning-cleared', key, sentence)
  watch.warnings = now
}
