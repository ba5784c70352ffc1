import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import { countTwice } from './count-rows.ts'
import type { Relation } from './find-relation.ts'
import type { LostKeys } from './lost-keys.ts'
import { keepLostKeys } from './lost-keys.ts'
import { withRepairSession } from './repair-session.ts'
import type { KeptRows } from './save-rows.ts'
import { scanPages } from './scan-pages.ts'

/** What a rewrite came to. */
export interface RewriteProof {
  /** "65 keys are lost, listed in …", for people. */
  readonly lost: string
  /** What speaks against its success. */
  readonly problems: readonly string[]
}

/** The new file is read from disk, rows are counted in two ways, and the keys that are gone are listed in the incident folder. */
export async function proveRewrite(
  context: StepContext,
  relation: Relation,
  { keys, outside }: Pick<KeptRows, 'keys' | 'outside'>,
  signal: AbortSignal,
): Promise<RewriteProof> {
  const timeoutMs = context.settings.repair.statementTimeoutMs
  const stillBad = await scanPages(context, await checkpointAndFind(context, relation, signal), signal)
  const problems = stillBad.length === 0 ? [] : [`${relation.name} still has ${stillBad.length} damaged pages`]
  const answer = await withRepairSession(context, relation.database, {}, signal, async (session) => {
    const counts = await countTwice(session, relation, timeoutMs, signal)
    const kept = keys && (await keepLostKeys(context, session, relation, keys, signal))
    return { ok: true, value: { counts, kept }, tookMs: 0 }
  })
  if (!answer.ok) return { lost: 'what is lost is not known', problems: [...problems, `${relation.name} could not be counted`] }
  const { counts, kept } = answer.value
  const lost = kept === undefined ? 'the keys that are lost are not known' : describeLost(kept)
  const stayed =
    outside === undefined ? `${counts.rows} rows are there` : `${counts.rows} rows are there, of ${outside} on all other pages before`
  return {
    lost: `${lost}; ${stayed}`,
    problems: counts.problem === undefined ? problems : [...problems, `${relation.name}: ${counts.problem}`],
  }
}

/** The path of the relation's file, which a rewrite changes. */
async function checkpointAndFind(context: StepContext, relation: Relation, signal: AbortSignal): Promise<string> {
  const text = `checkpoint; select pg_catalog.pg_relation_filepath(${relation.oid}) as path`
  const answer = await askOnce(context, relation.database, text, context.settings.repair.statementTimeoutMs, signal)
  return answer.ok ? String(answer.value[0]?.['path']) : relation.path
}

function describeLost({ lost, doubtful, path }: LostKeys): string {
  const perhaps = doubtful === 0 ? '' : ` (of ${doubtful} the page no longer tells whether they had been deleted before)`
  return `${lost} keys are lost${perhaps}, listed in ${path}`
}
