import type { Answer } from '../../ports/postgres.ts'
import { askOnce } from '../server/login.ts'
import type { StepContext } from '../step.ts'
import type { Relation } from './find-relation.ts'

/** How the index of a name stands; a rebuild gives the name to another index with another file. */
export interface IndexState {
  readonly tableOid: number
  readonly isValid: boolean
  /** Path of its file below the data directory. */
  readonly path: string
}

const TIMEOUT_MS = 10_000

const STATE = (name: string): string => `
  select i.indrelid::text as table, i.indisvalid and i.indisready as valid, pg_catalog.pg_relation_filepath(i.indexrelid) as path
    from pg_catalog.pg_index i where i.indexrelid = pg_catalog.to_regclass('${name.replaceAll("'", "''")}')`

/** `undefined` when no index has that name any more. */
export async function readIndexState(
  context: StepContext,
  { database, name }: Relation,
  signal: AbortSignal,
): Promise<Answer<IndexState | undefined>> {
  const answer = await askOnce(context, database, STATE(name), TIMEOUT_MS, signal)
  if (!answer.ok) return answer
  const row = answer.value[0]
  const state = row && { tableOid: Number(row['table']), isValid: row['valid'] === true, path: String(row['path']) }
  return { ...answer, value: state }
}
