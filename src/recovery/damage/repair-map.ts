import { describeFailure } from '../server/databases.ts'
import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import type { Repair } from './repair.ts'
import { leaveToPerson } from './repair.ts'
import { scanPages } from './scan-pages.ts'

/** Free-space and visibility maps hold nothing of their own: a vacuum that skips no page writes them anew. */
export async function repairMap(context: StepContext, relation: Relation, fork: 'fsm' | 'vm', signal: AbortSignal): Promise<Repair> {
  const timeoutMs = context.settings.repair.statementTimeoutMs
  for (const text of [`vacuum (disable_page_skipping) ${relation.name}`, 'checkpoint']) {
    const answer = await askOnce(context, relation.database, text, timeoutMs, signal)
    if (!answer.ok) return leaveToPerson(`the ${fork} of ${relation.name} could not be written anew: ${describeFailure(answer.failure)}`)
  }
  const left = await scanPages(context, `${relation.path}_${fork}`, signal)
  return { did: [`wrote the ${fork} of ${relation.name} anew by a vacuum, nothing lost`], notDone: [], proven: left.length === 0 }
}
