import { recordChange } from '../../changes/change-log.ts'
import type { DamagedRelation, KnownRelation } from '../../damage/damaged-relation.ts'
import { isHeap, isIndex, lacksFile } from '../../damage/damaged-relation.ts'
import type { Relation } from '../../damage/find-relation.ts'
import { keepCatalogFiles, whyNotRewrite } from '../../damage/keep-catalog-files.ts'
import { mendBy } from '../../damage/repair-session.ts'
import { scanPages } from '../../damage/scan-pages.ts'
import type { Answer, Row } from '../../../ports/postgres.ts'
import { describeFailure } from '../../server/databases.ts'
import { askOnce } from '../../server/login.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

const NAME = 'rebuild-catalog'
const QUERY_TIMEOUT_MS = 10_000
/** Everybody who logs in waits behind the lock of a catalog. */
const LOCK_TIMEOUT = '5s'

/** A catalog that logins get past is mended while the server runs; never by zeros, which are the end of its database. */
export const rebuildCatalog: Remedy<DamagedRelation> = {
  name: NAME,
  purpose: 'build the damaged index of a system catalog anew, or write a catalog anew whose pages have a whole structure',
  changes: 'REINDEX INDEX, or VACUUM FULL with ignore_checksum_failure on in that one session; both lock that catalog meanwhile',
  keeps: 'the images of damaged pages in pages/, every file that is replaced in catalog/',
  undo: 'impossible and not wanted: what was replaced was damaged, and is kept',
  proof: 'the new files of the catalog and its indexes are read from disk',
  cost: 'a lock',
  precondition,
  run,
}

async function precondition(_: StepContext, subject: DamagedRelation): Promise<Check> {
  if (subject.relation?.isCatalog !== true) return { go: 'skip', because: 'it is no system catalog that can be asked' }
  if (isIndex(subject)) return { go: 'run', because: 'the index of a catalog is built anew from it, and nothing is lost' }
  if (!isHeap(subject) || lacksFile(subject)) return { go: 'skip', because: 'only whole files of tables and indexes are built anew' }
  const why = whyNotRewrite(subject.pages)
  return why === undefined ? { go: 'run', because: 'the structure of its pages is whole' } : { go: 'skip', because: why }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  const { relation } = subject as KnownRelation
  const before = await findFiles(context, relation, signal)
  const unkept = before.ok ? await keepCatalogFiles(context, pathsOf(before.value)) : describeFailure(before.failure)
  if (unkept !== undefined) return { ended: 'not-mended', why: `${relation.name} in ${relation.database} was left: ${unkept}`, did: [] }
  const statement = `${isIndex(subject) ? 'reindex index' : 'vacuum (full)'} ${relation.name}`
  await recordChange(context, NAME, { kind: 'rebuilt', what: relation.name, database: relation.database, by: statement })
  const answer = await rebuild(context, relation, statement, isIndex(subject), signal)
  if (!answer.ok)
    return { ended: 'not-mended', why: `${relation.name} could not be built anew: ${describeFailure(answer.failure)}`, did: [] }
  const stillBad = await countBad(context, relation, signal)
  const did = [`built ${relation.name} in ${relation.database} anew; the files from before are in catalog/`]
  return stillBad === 0 ? { ended: 'mended', did } : { ended: 'not-mended', why: `${relation.name} is still damaged on disk`, did }
}

async function rebuild(
  context: StepContext,
  { database }: Relation,
  statement: string,
  isStrict: boolean,
  signal: AbortSignal,
): Promise<Answer<readonly Row[]>> {
  const settings = { lock_timeout: LOCK_TIMEOUT, ignore_checksum_failure: isStrict ? 'off' : 'on' }
  const rebuilt = await mendBy(context, database, statement, signal, settings)
  return rebuilt.ok ? mendBy(context, database, 'checkpoint', signal) : rebuilt
}

/** The relation's own file, and those of its indexes. */
function findFiles(context: StepContext, { oid, database }: Relation, signal: AbortSignal): Promise<Answer<readonly Row[]>> {
  const text = `
    select pg_catalog.pg_relation_filepath(c.oid) as path from pg_catalog.pg_class c
     where c.oid = ${oid} or c.oid in (select i.indexrelid from pg_catalog.pg_index i where i.indrelid = ${oid})`
  return askOnce(context, database, text, QUERY_TIMEOUT_MS, signal)
}

function pathsOf(rows: readonly Row[]): readonly string[] {
  return rows.map((row) => String(row['path']))
}

async function countBad(context: StepContext, relation: Relation, signal: AbortSignal): Promise<number> {
  const files = await findFiles(context, relation, signal)
  if (!files.ok) return 1
  let bad = 0
  for (const path of pathsOf(files.value)) bad += (await scanPages(context, path, signal)).length
  return bad
}
