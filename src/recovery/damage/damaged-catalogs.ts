import { describeFailure } from '../server/databases.ts'
import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import { SELECT_RELATIONS, toRelation } from './find-relation.ts'
import { scanPages } from './scan-pages.ts'

const TIMEOUT_MS = 30_000
const RELATIONS_AT_MOST = 1_000
const CATALOGS = `${SELECT_RELATIONS}
  where c.oid < 16384 and c.relkind in ('r', 't', 'i') and pg_catalog.pg_relation_filepath(c.oid) is not null
  order by c.oid limit ${RELATIONS_AT_MOST}`

/**
 * What is damaged of the system catalogs and their indexes that a session of the database may read, on disk; `undefined` when
 * nothing is. With `zero_damaged_pages` on, one page of them that is read is lost for good, and the database with it.
 */
export async function findDamagedCatalog(context: StepContext, database: string, signal: AbortSignal): Promise<string | undefined> {
  const answer = await askOnce(context, database, CATALOGS, TIMEOUT_MS, signal)
  if (!answer.ok) return `the system catalogs could not be listed: ${describeFailure(answer.failure)}`
  for (const { name, path } of answer.value.map(toRelation)) {
    const pages = await scanPages(context, path, signal)
    if (pages.length > 0) return `${name} has ${pages.length} damaged pages`
  }
  return undefined
}
