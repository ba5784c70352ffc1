import type { Session } from '../../ports/postgres.ts'
import { describeFailure } from '../server/databases.ts'
import type { Relation } from './find-relation.ts'
import type { Inspection } from '../../server/inspection.ts'

const TIMEOUT_MS = 10_000

/** Rows of a table on all pages but the given ones, which cannot be read; `undefined` when one of the others cannot either. */
export async function countOutside(
  { ask }: Pick<Inspection, 'ask'>,
  { name }: Relation,
  blocks: readonly number[],
): Promise<number | undefined> {
  const bounds = [...new Set(blocks)].toSorted((one, other) => one - other)
  let total = 0
  // Only a range is scanned without its neighbours.
  await ask('set local enable_seqscan = off')
  for (const [index, from] of [-1, ...bounds].entries()) {
    const before = bounds[index] === undefined ? '' : ` and ctid < '(${bounds[index]},0)'::tid`
    const answer = await ask(`select count(*)::text as rows from only ${name} where ctid >= '(${from + 1},0)'::tid${before}`)
    if (!answer.ok) return undefined
    total += Number(answer.rows[0]?.['rows'])
  }
  return total
}

/** Rows of a table by a sequential scan and by an index; a difference means that they disagree. */
export interface Counts {
  readonly rows: number
  /** `undefined`: they agree. */
  readonly problem: string | undefined
}

export async function countTwice(session: Session, { name }: Relation, timeoutMs: number, signal: AbortSignal): Promise<Counts> {
  const counts: number[] = []
  for (const off of [
    ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'],
    ['enable_seqscan', 'enable_bitmapscan'],
  ]) {
    await session.query({ text: `reset all; ${off.map((setting) => `set ${setting} = off`).join('; ')}`, timeoutMs: TIMEOUT_MS }, signal)
    const answer = await session.query({ text: `select count(*)::text as rows from only ${name}`, timeoutMs }, signal)
    if (!answer.ok) return { rows: counts[0] ?? 0, problem: `its rows could not be counted: ${describeFailure(answer.failure)}` }
    counts.push(Number(answer.value[0]?.['rows']))
  }
  const [rows = 0, byIndex] = counts
  return { rows, problem: rows === byIndex ? undefined : `a sequential scan finds ${rows} rows and an index scan ${byIndex}` }
}
