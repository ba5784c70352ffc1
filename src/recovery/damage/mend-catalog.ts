import { parseLsn } from '../../core/postgres/lsn.ts'
import { recordChange } from '../changes/change-log.ts'
import { sha256Of } from '../changes/digest.ts'
import type { Candidate } from '../pages/candidate.ts'
import { placeOf, readPageOnDisk } from '../pages/page-file.ts'
import { replayPages } from '../pages/replay.ts'
import { readFromStandby } from '../pages/standby.ts'
import { readControlFile } from '../server/data-directory.ts'
import { keepInIncident } from '../server/incident-files.ts'
import { runSingleUser } from '../server/single-user.ts'
import type { StepContext } from '../step.ts'
import type { Catalog } from './catalog.ts'
import { findCatalog, findCatalogPaths } from './catalog.ts'
import type { DamagedRelation } from './damaged-relation.ts'
import { lacksFile } from './damaged-relation.ts'
import { keepCatalogFiles, whyNotRewrite } from './keep-catalog-files.ts'
import type { BadPage } from './scan-pages.ts'
import { scanPages } from './scan-pages.ts'

/** What became of a damaged catalog; `why` tells what is left of the damage. */
export interface MendedCatalog {
  readonly did: readonly string[]
  readonly why: string | undefined
}

/**
 * Mends a catalog of a cluster that is down in an orderly way: whole pages from the standby or from the WAL first, which loses
 * nothing at all; then an index is built anew, and a table with pages whose structure is whole is written anew. The files from before are kept.
 */
export async function mendCatalog(context: StepContext, by: string, subject: DamagedRelation, signal: AbortSignal): Promise<MendedCatalog> {
  const { file } = subject
  const pages = lacksFile(subject) ? [] : await scanPages(context, file.path, signal)
  const replaced = await replaceOffline(context, by, subject, pages, signal)
  const left = pages.filter(({ block }) => !replaced.includes(block))
  const did = replaced.length === 0 ? [] : [`wrote ${replaced.length} pages of ${file.path} anew from whole copies, nothing lost`]
  if (left.length === 0 && !lacksFile(subject)) return { did, why: undefined }
  const found = await findCatalog(context, file, signal)
  if (!found.ok) return { did, why: found.why }
  const rebuilt = await rebuild(context, by, found.catalog, left, signal)
  return { did: [...did, ...rebuilt.did], why: rebuilt.why }
}

/** Blocks that hold a whole page again. */
async function replaceOffline(
  context: StepContext,
  by: string,
  { file }: DamagedRelation,
  pages: readonly BadPage[],
  signal: AbortSignal,
): Promise<readonly number[]> {
  const control = await readControlFile(context)
  const endLsn = parseLsn(control?.checkpointLsn ?? '')
  if (pages.length === 0 || endLsn === undefined || control?.checksumsEnabled !== true) return []
  const { postgres } = context.outside
  const copied = postgres.has('standby') ? (await readFromStandby(context, file.path, pages, endLsn, signal)).found : []
  const left = pages.filter((page) => !copied.some((candidate) => candidate.page === page))
  const replayed = context.settings.repair.replayWal ? (await replayPages(context, file, left, endLsn, signal)).found : []
  const written: number[] = []
  for (const candidate of [...copied, ...replayed])
    if (await writePage(context, by, file.path, candidate)) written.push(candidate.page.block)
  return written
}

async function writePage(context: StepContext, by: string, relationPath: string, { page, bytes }: Candidate): Promise<boolean> {
  const { files } = context.outside
  const place = placeOf(relationPath, page.block)
  const path = `${context.cluster.dataDirectory}/${place.path}`
  const kept = await keepInIncident(context, `pages/${relationPath.replaceAll('/', '_')}.block-${page.block}.page`, page.bytes)
  const change = { kind: 'bytes-replaced', path, offset: place.offset, length: bytes.length, kept, sha256After: sha256Of(bytes) } as const
  await recordChange(context, by, change)
  await files.overwrite(path, place.offset, bytes)
  const written = await readPageOnDisk(context, relationPath, page.block)
  return written !== undefined && Buffer.compare(written, bytes) === 0
}

async function rebuild(
  context: StepContext,
  by: string,
  catalog: Catalog,
  pages: readonly BadPage[],
  signal: AbortSignal,
): Promise<MendedCatalog> {
  const { database, name, isIndex } = catalog
  const odd = isIndex ? undefined : whyNotRewrite(pages)
  const problem = odd ?? (await keepCatalogFiles(context, catalog.paths))
  if (problem !== undefined) return { did: [], why: `${name} in ${database} was left: ${problem}` }
  const statement = isIndex ? `reindex table pg_catalog.${name}` : `vacuum (full) pg_catalog.${name}`
  await recordChange(context, by, { kind: 'rebuilt', what: name, database, by: `${statement} in single-user mode` })
  const settings = isIndex ? [] : ['ignore_checksum_failure=on']
  const { statementTimeoutMs } = context.settings.repair
  const answer = await runSingleUser(context, { database, settings, statements: [statement], timeoutMs: statementTimeoutMs }, signal)
  if (!answer.ok) return { did: [], why: `${name} in ${database} could not be built anew: ${answer.why}` }
  const stillBad = await countBad(context, catalog, signal)
  const what = isIndex ? `built the indexes of ${name} anew` : `wrote ${name} and its indexes anew`
  const did = [`${what} in ${database}; the files from before are in catalog/`]
  return { did, why: stillBad === 0 ? undefined : `${name} in ${database} still has ${stillBad} damaged pages` }
}

async function countBad(context: StepContext, catalog: Catalog, signal: AbortSignal): Promise<number> {
  const paths = await findCatalogPaths(context, catalog, signal)
  if (paths.length === 0) return 1
  let bad = 0
  for (const path of paths) bad += (await scanPages(context, path, signal)).length
  return bad
}
