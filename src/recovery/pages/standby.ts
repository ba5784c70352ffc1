import { parseLsn } from '../../core/postgres/lsn.ts'
import { PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import type { Answer, Row, Session } from '../../ports/postgres.ts'
import type { BadPage } from '../damage/scan-pages.ts'
import { readControlFile } from '../server/data-directory.ts'
import { describeFailure } from '../server/databases.ts'
import { withSession } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Candidate, Candidates } from './candidate.ts'
import { whyNotSame } from './candidate.ts'
import { placeOf } from './page-file.ts'

const QUERY_TIMEOUT_MS = 30_000
const CATCH_UP_TIMEOUT_MS = 180_000
const LOOK_AGAIN_AFTER_MS = 500

const STANDING = `
  select (select system_identifier from pg_catalog.pg_control_system())::text as system_identifier,
         pg_catalog.pg_is_in_recovery() as in_recovery,
         (select redo_lsn from pg_catalog.pg_control_checkpoint())::text as redo_lsn`

/**
 * The same pages from the standby's disk, once everything before `endLsn` is replayed and written there. Only the disk is read:
 * a page in its buffers may carry the checksum of an earlier day.
 */
export async function readFromStandby(
  context: StepContext,
  relationPath: string,
  pages: readonly BadPage[],
  endLsn: bigint,
  signal: AbortSignal,
): Promise<Candidates> {
  const answer = await withSession(context, { role: 'standby' }, signal, async (session): Promise<Answer<Candidates>> => {
    const why = (await whyNotOurs(context, session, signal)) ?? (await catchUp(context, session, endLsn, signal))
    const candidates = why === undefined ? await readPages(session, relationPath, pages, endLsn, signal) : { found: [], missing: [why] }
    return { ok: true, value: candidates, tookMs: 0 }
  })
  return answer.ok ? answer.value : { found: [], missing: [`the standby cannot be asked: ${describeFailure(answer.failure)}`] }
}

async function whyNotOurs(context: StepContext, session: Session, signal: AbortSignal): Promise<string | undefined> {
  const standing = await ask(session, STANDING, signal)
  if (!standing.ok) return `the standby cannot be asked: ${describeFailure(standing.failure)}`
  const ours = (await readControlFile(context))?.systemIdentifier
  const theirs = standing.value[0]?.['system_identifier']
  if (theirs !== ours) return `the standby is of another cluster: system identifier ${String(theirs)} instead of ${String(ours)}`
  return standing.value[0]?.['in_recovery'] === true ? undefined : 'what is configured as a standby is a primary'
}

/**
 * Waits until the standby's own checkpoint is behind `endLsn`: then every page is on its disk as the WAL before it made it. A
 * standby makes one only where it has replayed one of the primary, so it is asked again and again.
 */
async function catchUp(context: StepContext, session: Session, endLsn: bigint, signal: AbortSignal): Promise<string | undefined> {
  const { clock } = context.outside
  const deadlineMs = clock.monotonicMs() + CATCH_UP_TIMEOUT_MS
  for (;;) {
    const made = await session.query({ text: 'checkpoint', timeoutMs: CATCH_UP_TIMEOUT_MS }, signal)
    if (!made.ok) return `the standby makes no checkpoint: ${describeFailure(made.failure)}`
    const standing = await ask(session, STANDING, signal)
    if (!standing.ok) return `the standby cannot be asked: ${describeFailure(standing.failure)}`
    if ((parseLsn(String(standing.value[0]?.['redo_lsn'])) ?? 0n) >= endLsn) return undefined
    if (signal.aborted || clock.monotonicMs() > deadlineMs)
      return `the standby has not caught up within ${CATCH_UP_TIMEOUT_MS / 1000} s: its last checkpoint is at ${String(standing.value[0]?.['redo_lsn'])}`
    await clock.sleep(LOOK_AGAIN_AFTER_MS, signal)
  }
}

async function readPages(
  session: Session,
  relationPath: string,
  pages: readonly BadPage[],
  endLsn: bigint,
  signal: AbortSignal,
): Promise<Candidates> {
  const found: Candidate[] = []
  const missing: string[] = []
  for (const page of pages) {
    const { path, offset } = placeOf(relationPath, page.block)
    const answer = await ask(session, `select pg_catalog.pg_read_binary_file('${path}', ${offset}, ${PAGE_BYTES}) as page`, signal)
    const bytes = answer.ok ? answer.value[0]?.['page'] : undefined
    const why = answer.ok ? whyNotPage(page, bytes, endLsn) : `the standby does not read it: ${describeFailure(answer.failure)}`
    if (why === undefined) found.push({ page, bytes: bytes as Uint8Array })
    else missing.push(why)
  }
  return { found, missing }
}

function whyNotPage(page: BadPage, bytes: unknown, endLsn: bigint): string | undefined {
  if (!(bytes instanceof Uint8Array) || bytes.length !== PAGE_BYTES) return `the standby has no block ${page.block}`
  return whyNotSame(page, bytes, endLsn)
}

function ask(session: Session, text: string, signal: AbortSignal): Promise<Answer<readonly Row[]>> {
  return session.query({ text, timeoutMs: QUERY_TIMEOUT_MS }, signal)
}
