import type { TestCluster } from '../../../test/support/cluster.ts'

/** Of the rows below with their indexes, measured on PostgreSQL 15. */
const ROWS_PER_MB = 3_100

/**
 * Fills the database with about so many MB of what applications keep: keys, times, amounts, names of which some repeat, and
 * documents. Two tables of the same size, so that two processes have the same to do.
 */
export async function fillDatabase({ psql }: TestCluster, sizeMb: number): Promise<void> {
  const rows = Math.round((sizeMb * ROWS_PER_MB) / 2)
  for (const table of ['orders', 'events']) {
    await psql(`
      create table ${table} (id bigint primary key, made timestamptz not null, customer int not null, amount numeric(10, 2), state text, note text, document jsonb);
      insert into ${table}
      select n, timestamptz '2026-01-01' + n * interval '7 seconds', hashint4(n) % 50000, (hashint4(n * 3) % 1000000) / 100.0,
             (array['new', 'paid', 'sent', 'returned'])[1 + abs(hashint4(n)) % 4], md5(n::text) || ' ' || md5((n * 7)::text),
             json_build_object('source', 'web', 'session', md5((n * 11)::text), 'items', abs(hashint4(n)) % 9)
        from generate_series(1, ${rows}) n;
      create index on ${table} (customer)`)
  }
  await psql('vacuum analyze')
  await psql('checkpoint')
}
