import type { Session } from '../../ports/postgres.ts'
import { recordChange } from '../changes/change-log.ts'
import { sha256Of } from '../changes/digest.ts'
import type { Relation } from '../damage/find-relation.ts'
import { fileNameOf } from '../damage/save-pages.ts'
import { keepInIncident } from '../server/incident-files.ts'
import type { StepContext } from '../step.ts'
import type { Candidate } from './candidate.ts'
import { whileLocked } from './lock-table.ts'
import { placeOf, readPageOnDisk } from './page-file.ts'

const QUERY_TIMEOUT_MS = 30_000

/** What became of pages that were to be replaced. */
export interface Replaced {
  /** Blocks that hold the new bytes on disk, and that the server has read. */
  readonly blocks: readonly number[]
  /** Of the others, why they were left. */
  readonly problems: readonly string[]
}

/**
 * Writes whole pages in the place of damaged ones while the server runs. Nobody can read the relation meanwhile, and the
 * server holds no copy of a page in memory that it fails to read; so what is written below it is what it reads next. Each
 * page is proved by the server's own reading and by the disk.
 */
export async function replacePages(
  context: StepContext,
  by: string,
  relation: Relation,
  candidates: readonly Candidate[],
  signal: AbortSignal,
): Promise<Replaced> {
  const locked = await whileLocked(context, relation, signal, async (session) => {
    const moved = await whyMoved(session, relation, signal)
    const outcomes: Outcome[] = []
    for (const candidate of moved === undefined ? candidates : [])
      outcomes.push(await replace({ context, by, relation, session, signal }, candidate))
    return moved === undefined ? outcomes : [{ block: -1, problem: moved }]
  })
  const outcomes = locked.ok ? locked.value : [{ block: -1, problem: locked.why }]
  return {
    blocks: outcomes.flatMap(({ block, problem }) => (problem === undefined ? [block] : [])),
    problems: outcomes.flatMap(({ problem }) => problem ?? []),
  }
}

interface Outcome {
  readonly block: number
  readonly problem: string | undefined
}

interface Ground {
  readonly context: StepContext
  readonly by: string
  readonly relation: Relation
  readonly session: Session
  readonly signal: AbortSignal
}

async function replace(ground: Ground, { page, bytes }: Candidate): Promise<Outcome> {
  const { context, by, relation } = ground
  const { block } = page
  const refuse = (why: string): Outcome => ({ block, problem: `block ${block} of ${relation.name} was left: ${why}` })
  if ((await readByServer(ground, block)) !== 'damaged') return refuse('the server can read it, or holds a copy of it in memory')
  const onDisk = await readPageOnDisk(context, relation.path, block)
  if (onDisk === undefined || !isEqual(onDisk, page.bytes)) return refuse('it was written since it was looked at')
  const place = placeOf(relation.path, block)
  const path = `${context.cluster.dataDirectory}/${place.path}`
  const kept = await keepInIncident(context, `pages/${fileNameOf(relation)}.block-${block}.page`, page.bytes)
  const change = { kind: 'bytes-replaced', path, offset: place.offset, length: bytes.length, kept, sha256After: sha256Of(bytes) } as const
  await recordChange(context, by, change)
  ground.signal.throwIfAborted()
  await context.outside.files.overwrite(path, place.offset, bytes)
  const written = await readPageOnDisk(context, relation.path, block)
  if (written === undefined || !isEqual(written, bytes)) return refuse('the disk does not hold what was written')
  return (await readByServer(ground, block)) === 'whole' ? { block, problem: undefined } : refuse('the server cannot read what was written')
}

/** A rewrite gives a relation another file. */
async function whyMoved(session: Session, { oid, path, name }: Relation, signal: AbortSignal): Promise<string | undefined> {
  const text = `select pg_catalog.pg_relation_filepath(${oid}) as path`
  const answer = await session.query({ text, timeoutMs: QUERY_TIMEOUT_MS }, signal)
  return answer.ok && answer.value[0]?.['path'] === path ? undefined : `${name} was rewritten or dropped meanwhile`
}

/** Reads one page through the server's buffers; a failure spoils nothing but itself. */
async function readByServer({ relation, session, signal }: Ground, block: number): Promise<'whole' | 'damaged' | 'unknown'> {
  const query = (text: string) => session.query({ text, timeoutMs: QUERY_TIMEOUT_MS }, signal)
  if (!(await query('savepoint page')).ok) return 'unknown'
  const range = `ctid >= '(${block},0)'::tid and ctid < '(${block + 1},0)'::tid`
  const answer = await query(`select pg_catalog.count(*) from only ${relation.name} where ${range}`)
  if (!(await query(answer.ok ? 'release savepoint page' : 'rollback to savepoint page')).ok) return 'unknown'
  if (answer.ok) return 'whole'
  return answer.failure.sqlState === 'XX001' ? 'damaged' : 'unknown'
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0
}
