import { keepInIncident } from '../server/incident-files.ts'
import { askOnce, withSession } from '../server/login.ts'
import { megabytes } from '../disk/room.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'
import { healFromBuffers } from './heal-from-buffers.ts'
import { findLostKeys } from './lost-keys.ts'
import type { Repair } from './repair.ts'
import { leaveToPerson } from './repair.ts'
import type { KeptPages } from './save-pages.ts'
import { fileNameOf, savePageImages, saveReadableRows } from './save-pages.ts'
import type { BadPage } from './scan-pages.ts'
import { scanPages } from './scan-pages.ts'
import { findDamagedToast } from './toast.ts'
import { compareCounts, findZeroingLeftOn, rewriteWithoutDamage } from './zero-pages.ts'

const PAGES_AT_MOST = 200

/**
 * The ladder for a damaged table, least loss first: keep the page images; write good copies from the buffers; keep the
 * readable rows and the keys of what remains damaged; then, where allowed, rewrite the table without those pages.
 */
export async function repairHeap(context: StepContext, relation: Relation, signal: AbortSignal): Promise<Repair> {
  const { maxRelationBytes } = context.settings.repair
  if (relation.totalBytes > maxRelationBytes)
    return leaveToPerson(`the damaged pages of ${relation.name} were left: it is larger than ${megabytes(maxRelationBytes)}`)
  await askOnce(context, relation.database, 'checkpoint', context.settings.repair.statementTimeoutMs, signal)
  const pages = await scanPages(context, relation.path, signal)
  if (pages.length === 0) return { did: [`found every page of ${relation.name} whole on disk`], notDone: [], proven: true }
  if (pages.length > PAGES_AT_MOST)
    return leaveToPerson(`${relation.name} has more than ${PAGES_AT_MOST} damaged pages: restore it from a backup`)
  await savePageImages(context, relation, pages)
  const left = await healFromBuffers(context, relation, pages, signal)
  const did = [`kept the images of ${pages.length} damaged pages of ${relation.name}`]
  if (left.length < pages.length)
    did.push(`wrote ${pages.length - left.length} pages of ${relation.name} anew from the server's buffers, nothing lost`)
  if (left.length === 0) return { did, notDone: [], proven: true }
  return giveUpPages(context, relation, left, did, signal)
}

async function giveUpPages(
  context: StepContext,
  relation: Relation,
  pages: readonly BadPage[],
  before: readonly string[],
  signal: AbortSignal,
): Promise<Repair> {
  const kept = await saveReadableRows(context, relation, pages, signal)
  const did = [
    ...before,
    `kept ${kept.rows} readable rows of ${pages.length} damaged pages of ${relation.name} (${kept.unreadable} could not be read)`,
  ]
  const refusal = await whyNotZero(context, relation, signal)
  if (refusal !== undefined) return { did, notDone: [...kept.notDone, refusal], proven: true }
  context.report(`rewriting ${relation.name} without its ${pages.length} damaged pages`)
  const failure = await rewriteWithoutDamage(context, relation, signal)
  const leftOn = await findZeroingLeftOn(context, relation, signal)
  if (failure !== undefined)
    return { did, notDone: [...kept.notDone, ...leftOn, `${relation.name} could not be rewritten: ${failure}`], proven: true }
  const proof = await prove(context, relation, kept, signal)
  const rewritten = `rewrote ${relation.name} and its indexes without ${pages.length} damaged pages; ${proof.lost}`
  return { did: [...did, rewritten], notDone: [...kept.notDone, ...leftOn, ...proof.problems], proven: proof.problems.length === 0 }
}

async function whyNotZero(context: StepContext, relation: Relation, signal: AbortSignal): Promise<string | undefined> {
  if (!context.settings.repair.zeroDamagedPages)
    return `the damaged pages of ${relation.name} were left, because recovery.repair.zero_damaged_pages is off`
  const toast = await findDamagedToast(context, relation, signal)
  if (toast !== undefined) return `the damaged pages of ${relation.name} were left, because a rewrite also zeroes others: ${toast}`
  const { availableBytes } = await context.outside.files.volume(`${context.cluster.dataDirectory}/${relation.path.replace(/\/[^/]*$/, '')}`)
  const neededBytes = 2 * relation.totalBytes
  if (availableBytes > neededBytes) return undefined
  const room = `a rewrite needs ${megabytes(neededBytes)} and ${megabytes(availableBytes)} are free`
  return `the damaged pages of ${relation.name} were left: ${room}`
}

interface Proof {
  readonly lost: string
  readonly problems: readonly string[]
}

/** The new file is read from disk, rows are counted in two ways, and the keys that are gone are listed in the incident folder. */
async function prove(context: StepContext, relation: Relation, kept: KeptPages, signal: AbortSignal): Promise<Proof> {
  const timeoutMs = context.settings.repair.statementTimeoutMs
  const file = await askOnce(
    context,
    relation.database,
    `checkpoint; select pg_catalog.pg_relation_filepath(${relation.oid}) as path`,
    timeoutMs,
    signal,
  )
  const path = file.ok ? String(file.value[0]?.['path']) : relation.path
  const stillBad = await scanPages(context, path, signal)
  const problems = stillBad.length === 0 ? [] : [`${relation.name} still has ${stillBad.length} damaged pages`]
  const answer = await withSession(context, { role: 'superuser', database: relation.database }, signal, async (session) => {
    const difference = await compareCounts(session, relation, timeoutMs, signal)
    const keys = kept.indexedKeys && (await findLostKeys(session, relation, kept.indexedKeys, timeoutMs, signal))
    return { ok: true, value: { difference, keys }, tookMs: 0 }
  })
  if (!answer.ok) return { lost: 'what is lost is not known', problems: [...problems, `${relation.name} could not be counted`] }
  const { difference, keys } = answer.value
  return {
    lost: await keepLostKeys(context, relation, keys),
    problems: difference === undefined ? problems : [...problems, `${relation.name}: ${difference}`],
  }
}

async function keepLostKeys(context: StepContext, relation: Relation, keys: readonly string[] | undefined): Promise<string> {
  if (keys === undefined) return 'the keys that are lost are not known'
  const path = await keepInIncident(context, `lost-keys/${fileNameOf(relation)}.txt`, keys.map((key) => `${key}\n`).join(''))
  return `${keys.length} keys are lost, listed in ${path}`
}
