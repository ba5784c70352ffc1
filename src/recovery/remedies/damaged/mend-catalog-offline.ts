import type { DamagedRelation } from '../../damage/damaged-relation.ts'
import { lacksFile, nameOf } from '../../damage/damaged-relation.ts'
import { mendCatalog } from '../../damage/mend-catalog.ts'
import { readNamedPages } from '../../damage/scan-pages.ts'
import { whileDown } from '../../server/while-down.ts'
import type { Check, StepContext } from '../../step.ts'
import type { Remedy, RemedyResult } from '../remedy.ts'

const NAME = 'mend-catalog-offline'
/** What a login says that met damage: nobody can work in that database, so a short stop takes nothing away from it. */
const MET_AT_LOGIN = /\b(?:XX001|XX002|58P01)\b/

/** Where a catalog's damage keeps everybody from logging in, only a server that is down can be mended. */
export const mendCatalogOffline: Remedy<DamagedRelation> = {
  name: NAME,
  purpose: 'let everybody log in again where a damaged system catalog or its index prevents it',
  changes:
    'stops the server; pages from the standby or the WAL, else REINDEX or VACUUM FULL of that catalog in single-user mode; starts it',
  keeps: 'the images of damaged pages in pages/, every file that is replaced in catalog/',
  undo: 'pages are put back while the server is down, unless they were written since; a rebuilt catalog is not taken back',
  proof: 'every page of the catalog and its indexes is read from disk before the start; then two fresh logins to each database',
  cost: 'service',
  precondition,
  run,
}

async function precondition(context: StepContext, subject: DamagedRelation): Promise<Check> {
  if (subject.relation !== undefined) return { go: 'skip', because: 'its database can be logged in to' }
  if (subject.file.fork !== 'main') return { go: 'skip', because: 'it is a map' }
  if (!MET_AT_LOGIN.test(subject.unknownWhy)) return { go: 'skip', because: subject.unknownWhy }
  if (!context.settings.repair.stopForCatalogs) return { go: 'skip', because: 'recovery.repair.stop_for_catalogs is off' }
  if (context.hurried()) return { go: 'skip', because: 'pgwatchd is to end' }
  return { go: 'run', because: `nobody can log in: ${subject.unknownWhy}` }
}

async function run(context: StepContext, subject: DamagedRelation, signal: AbortSignal): Promise<RemedyResult<DamagedRelation>> {
  if (await isWhole(context, subject)) return { ended: 'mended', did: [] }
  context.report(`stopping the server for a short time to mend ${nameOf(subject)}`)
  const outcome = await whileDown(context, signal, () => mendCatalog(context, NAME, subject, signal))
  if (!outcome.ok) return { ended: 'left-to-person', why: `${nameOf(subject)} was not mended: ${outcome.why}`, did: [] }
  const { did, why } = outcome.value
  return why === undefined ? { ended: 'mended', did } : { ended: 'left-to-person', why, did }
}

/** As where what was mended before has given it new files. */
async function isWhole(context: StepContext, subject: DamagedRelation): Promise<boolean> {
  const blocks = subject.pages.map(({ block }) => block)
  return !lacksFile(subject) && (await readNamedPages(context, subject.file.path, blocks)).length === 0
}
