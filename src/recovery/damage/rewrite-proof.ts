import { keepInIncident } from '../server/incident-files.ts'
import { askOnce, withSession } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import { findLostKeys } from './lost-keys.ts'
import type { IndexedKeys } from './lost-keys.ts'
import { lostKeysName } from './save-pages.ts'
import { scanPages } from './scan-pages.ts'
import { compareCounts } from './zero-pages.ts'

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
  indexedKeys: IndexedKeys | undefined,
  signal: AbortSignal,
): Promise<RewriteProof> {
  const timeoutMs = context.settings.repair.statementTimeoutMs
  const stillBad = await scanPages(context, await checkpointAndFind(context, relation, signal), signal)
  const problems = stillBad.length === 0 ? [] : [`${relation.name} still has ${stillBad.length} damaged pages`]
  const answer = await withSession(context, { role: 'superuser', database: relation.database }, signal, async (session) => {
    const difference = await compareCounts(session, relation, timeoutMs, signal)
    const keys = indexedKeys && (await findLostKeys(session, relation, indexedKeys, timeoutMs, signal))
    return { ok: true, value: { difference, keys }, tookMs: 0 }
  })
  if (!answer.ok) return { lost: 'what is lost is not known', problems: [...problems, `${relation.name} could not be counted`] }
  const { difference, keys } = answer.value
  return {
    lost: await keepLostKeys(context, relation, keys),
    problems: difference === undefined ? problems : [...problems, `${relation.name}: ${difference}`],
  }
}

/** The path of the relation's file, which a rewrite changes. */
async function checkpointAndFind(context: StepContext, relation: Relation, signal: AbortSignal): Promise<string> {
  const text = `checkpoint; select pg_catalog.pg_relation_filepath(${relation.oid}) as path`
  const answer = await askOnce(context, relation.database, text, context.settings.repair.statementTimeoutMs, signal)
  return answer.ok ? String(answer.value[0]?.['path']) : relation.path
}

async function keepLostKeys(context: StepContext, relation: Relation, keys: readonly string[] | undefined): Promise<string> {
  if (keys === undefined) return 'the keys that are lost are not known'
  const path = await keepInIncident(context, lostKeysName(relation), keys.map((key) => `${key}\n`).join(''))
  return `${keys.length} keys are lost, listed in ${path}`
}
