import { open, readFile, truncate, unlink, writeFile } from 'node:fs/promises'
import type { Assessment } from '../../src/core/cause.ts'
import type { Damage } from '../../src/core/facts.ts'
import { judgePage, PAGE_BYTES } from '../../src/core/postgres/page-checksum.ts'
import type { DamagedRelation } from '../../src/recovery/damage/damaged-relation.ts'
import { findDamagedRelations } from '../../src/recovery/remedies/damaged/find-damaged-relations.ts'
import type { Climbed } from '../../src/recovery/remedies/ladder.ts'
import { defineLadder } from '../../src/recovery/remedies/ladder.ts'
import type { Remedy } from '../../src/recovery/remedies/remedy.ts'
import type { StepGround } from '../../src/recovery/run-pipeline.ts'
import type { TestCluster } from '../support/cluster.ts'
import { CRASHED } from './crashed.ts'
import type { RealGround } from './real-ground.ts'

/** What a relation with damage is assessed as. */
export const DAMAGED: Assessment = { ...CRASHED, cause: 'damaged', plan: 'repair-online' }

export async function pathOf(test: TestCluster, relation: string): Promise<string> {
  return test.psql(`select pg_relation_filepath('${relation}')`)
}

/** Overwrites bytes in the middle of one page; of a running server's file, so that only a page that is not in its buffers is lost. */
export async function damagePage(test: TestCluster, relationPath: string, block: number, at = 4000, bytes = 40): Promise<void> {
  await withFile(test, relationPath, (file) => file.write(Buffer.alloc(bytes, 0x5a), 0, bytes, block * PAGE_BYTES + at))
}

/** What a lost write leaves: zeros, or a header that makes no sense. */
export async function overwritePage(test: TestCluster, relationPath: string, block: number, byte: number): Promise<void> {
  await withFile(test, relationPath, (file) => file.write(Buffer.alloc(PAGE_BYTES, byte), 0, PAGE_BYTES, block * PAGE_BYTES))
}

export async function removeFile(test: TestCluster, relationPath: string): Promise<void> {
  await unlink(`${test.cluster.dataDirectory}/${relationPath}`)
}

export async function cutFile(test: TestCluster, relationPath: string, bytes: number): Promise<void> {
  await truncate(`${test.cluster.dataDirectory}/${relationPath}`, bytes)
}

export async function keepFile(test: TestCluster, relationPath: string): Promise<() => Promise<void>> {
  const path = `${test.cluster.dataDirectory}/${relationPath}`
  const content = await readFile(path)
  return () => writeFile(path, content)
}

async function withFile(
  test: TestCluster,
  relationPath: string,
  work: (file: Awaited<ReturnType<typeof open>>) => Promise<unknown>,
): Promise<void> {
  const file = await open(`${test.cluster.dataDirectory}/${relationPath}`, 'r+')
  try {
    await work(file)
  } finally {
    await file.close()
  }
}

/** Blocks of a file that are damaged on disk. */
export async function badBlocks(test: TestCluster, relationPath: string, checksums = true): Promise<readonly number[]> {
  const bytes = await readFile(`${test.cluster.dataDirectory}/${relationPath}`)
  return Array.from({ length: bytes.length / PAGE_BYTES }, (_, block) => block).filter(
    (block) => !['good', 'new'].includes(judgePage(bytes.subarray(block * PAGE_BYTES, (block + 1) * PAGE_BYTES), block, checksums)),
  )
}

export function pageDamage(relationPath: string, block: number): Damage {
  return { kind: 'page', relationPath, block, message: `invalid page in block ${block} of relation ${relationPath}` }
}

/** The ground of a repair of these damages. */
export function groundOf(...damages: readonly Damage[]): Partial<StepGround> {
  return { damages, assessment: DAMAGED }
}

/** Every row of a table as the server reads it from its first to its last page: to be compared before and after. */
export async function rowsOf(test: TestCluster, table: string): Promise<readonly string[]> {
  const rows = await test.psql(`set enable_indexscan = off; set enable_bitmapscan = off; set enable_indexonlyscan = off;
    select x::text from ${table} as x order by 1`)
  return rows === '' ? [] : rows.split('\n')
}

/** Rows that an index finds, by an index scan of everything. */
export async function countByIndex(test: TestCluster, table: string, condition: string): Promise<string> {
  return test.psql(`set enable_seqscan = off; select count(*) from ${table} where ${condition}`)
}

/** Climbs a ladder of some of the remedies, for these damages, without the pipeline around it. */
export async function climbWith(
  { ground }: Pick<RealGround, 'ground'>,
  remedies: readonly Remedy<DamagedRelation>[],
  damages: readonly Damage[],
): Promise<Climbed> {
  let noted: Readonly<Record<string, unknown>> = {}
  const context = { ...ground, ...groundOf(...damages), recall: () => noted, note: async (data: typeof noted) => void (noted = data) }
  const ladder = defineLadder({ cause: 'damaged', step: 'repair-damage', findTargets: findDamagedRelations, remedies })
  return ladder.climb(context, new AbortController().signal)
}
