import type { TestCluster } from '../../support/cluster.ts'

/** Rows that the server acknowledged, by table: each as its text. */
export type Rows = ReadonlyMap<string, ReadonlySet<string>>

/** Every row of the application's tables. */
export async function readRows(server: TestCluster): Promise<Rows> {
  const tables = await server.psql(`select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1`)
  const rows = new Map<string, ReadonlySet<string>>()
  for (const table of tables.split('\n').filter((name) => name !== ''))
    rows.set(table, new Set((await server.psql(`select t::text from ${table} t`)).split('\n')))
  return rows
}

/** Rows that are there before and not after. */
export function lostRows(before: Rows, after: Rows): readonly string[] {
  return [...before].flatMap(([table, rows]) =>
    [...rows].filter((row) => after.get(table)?.has(row) !== true).map((row) => `${table} ${row}`),
  )
}
