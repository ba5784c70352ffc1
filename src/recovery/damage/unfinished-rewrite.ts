import type { StepContext } from '../step.ts'
import { keepInIncident } from '../server/incident-files.ts'
import { askOnce } from '../server/login.ts'
import type { Relation } from './find-relation.ts'
import type { RewriteProof } from './rewrite-proof.ts'
import { proveRewrite } from './rewrite-proof.ts'
import { fileNameOf } from './save-pages.ts'
import type { KeptRows } from './save-rows.ts'

const STEP = 'repair-damage'
const MAXIMUM_BYTES = 64 << 20

/** A table whose rewrite was about to begin. */
interface Unfinished {
  readonly relation: Relation
  readonly pages: number
}

/** What a rewrite is judged by: the keys that led to the pages it gave up, and the rows on all others. */
type Known = Pick<KeptRows, 'keys' | 'outside'>

/**
 * Keeps the keys that the index holds for the damaged pages: once the table is rewritten nothing else knows them. What an
 * earlier run of this attempt kept stays, because the index may be the new one by now.
 */
export async function noteRewrite(context: StepContext, relation: Relation, pages: number, { keys, outside }: Known): Promise<void> {
  const known = await context.outside.files.status(`${context.incidentDirectory}/${keysName(relation)}`)
  if (known === undefined) await keepInIncident(context, keysName(relation), JSON.stringify({ keys, outside } satisfies Known))
  await context.note({ ...context.recall(STEP), rewriting: { relation, pages } satisfies Unfinished })
}

/** The rewrite was proved, or did not come about. */
export async function forgetRewrite(context: StepContext): Promise<void> {
  await context.note({ ...context.recall(STEP), rewriting: null })
}

/** What a rewrite came to whose end an earlier run of this attempt did not live to see; `undefined` when there was none. */
export async function finishRewrite(
  context: StepContext,
  signal: AbortSignal,
): Promise<(RewriteProof & { readonly relation: Relation; readonly pages: number }) | undefined> {
  const unfinished = context.recall(STEP)?.['rewriting'] as Unfinished | null | undefined
  if (unfinished === undefined || unfinished === null || !(await wasRewritten(context, unfinished.relation, signal))) return undefined
  const proof = await proveRewrite(context, unfinished.relation, await readKeys(context, unfinished.relation), signal)
  await forgetRewrite(context)
  return { ...unfinished, ...proof }
}

/** A rewrite gives the table a new file, and that is committed with it. */
async function wasRewritten(context: StepContext, { oid, database, path }: Relation, signal: AbortSignal): Promise<boolean> {
  const text = `select pg_catalog.pg_relation_filepath(${oid}) as path`
  const answer = await askOnce(context, database, text, context.settings.repair.statementTimeoutMs, signal)
  return answer.ok && typeof answer.value[0]?.['path'] === 'string' && answer.value[0]['path'] !== path
}

async function readKeys({ outside, incidentDirectory }: StepContext, relation: Relation): Promise<Known> {
  const text = await outside.files.readText(`${incidentDirectory}/${keysName(relation)}`, { maxBytes: MAXIMUM_BYTES })
  if (text === undefined) return { keys: undefined, outside: undefined }
  const { keys, outside: rows } = JSON.parse(text) as Known
  return { keys: keys && { ...keys, alive: keys.alive.map(noneForNull), doubtful: keys.doubtful.map(noneForNull) }, outside: rows }
}

/** JSON has no `undefined` within an array, which is what NULL in a key is here. */
function noneForNull(values: readonly (string | undefined | null)[]): readonly (string | undefined)[] {
  return values.map((value) => value ?? undefined)
}

function keysName(relation: Relation): string {
  return `lost-keys/${fileNameOf(relation)}.indexed.json`
}
