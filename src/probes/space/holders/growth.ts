import { describeBytes } from '../../../core/disk/bytes.ts'
import { describeDuration } from '../../../core/describe-duration.ts'
import type { SpaceHolder } from '../../../core/disk/holder.ts'
import { roleOf } from '../database-sizes.ts'
import type { Sized } from '../database-sizes.ts'
import { addSample, findBaseline } from '../growth-memory.ts'
import type { SizeSample } from '../growth-memory.ts'
import type { HolderGround, HolderQuestion } from './question.ts'
import { placeOf } from './question.ts'

const TABLES_AT_MOST = 10
const WORTH_TELLING_BYTES = 1 << 20
const TABLES = `
  select c.oid::pg_catalog.regclass::text as name,
         coalesce(nullif(c.reltablespace, 0), d.dattablespace)::text as tablespace,
         pg_catalog.pg_total_relation_size(c.oid)::text as bytes
    from pg_catalog.pg_class c, pg_catalog.pg_database d
   where c.relkind in ('r', 'm') and d.datname = pg_catalog.current_database()
   order by pg_catalog.pg_total_relation_size(c.oid) desc
   limit ${TABLES_AT_MOST}`

/** What has grown most since an earlier look, or is largest where there was none. */
export const growth: HolderQuestion = {
  name: 'growth',
  async ask(ground) {
    const databases = await ground.databases()
    const nowMs = ground.outside.clock.monotonicMs()
    const before = findBaseline(ground.growth, nowMs)
    const [first] = byGrowth(databases, before?.databases)
    if (first === undefined) return []
    const rows = (await ground.questioner.ask(TABLES, first.name)) ?? []
    const tables = rows.map((row) => ({
      name: `${String(row['name'])} in ${first.name}`,
      role: roleOf(String(row['tablespace'])),
      bytes: Number(row['bytes']),
    }))
    addSample(ground.growth, { monotonicMs: nowMs, databases: toMap(databases), tables: toMap(tables) })
    const sinceMs = before === undefined ? undefined : nowMs - before.monotonicMs
    const [table] = byGrowth(tables, before !== undefined && before.tables.size > 0 ? before.tables : undefined)
    return [
      ...toHolders(ground, 'database', first, growthOf(first, before?.databases), sinceMs),
      ...(table === undefined ? [] : toHolders(ground, 'table', table, growthOf(table, tablesBefore(before)), sinceMs)),
    ]
  },
}

function toMap(sizes: readonly Sized[]): ReadonlyMap<string, number> {
  return new Map(sizes.map(({ name, bytes }) => [name, bytes]))
}

function tablesBefore(before: SizeSample | undefined): SizeSample['tables'] | undefined {
  return before === undefined || before.tables.size === 0 ? undefined : before.tables
}

function byGrowth(now: readonly Sized[], before: ReadonlyMap<string, number> | undefined): readonly Sized[] {
  return [...now].sort((one, other) => (growthOf(other, before) ?? other.bytes) - (growthOf(one, before) ?? one.bytes))
}

/** `undefined` where there is nothing to compare with; what was not among the largest before may have been as small as nothing. */
function growthOf({ name, bytes }: Sized, before: ReadonlyMap<string, number> | undefined): number | undefined {
  return before === undefined ? undefined : bytes - (before.get(name) ?? 0)
}

function toHolders(
  ground: HolderGround,
  what: 'database' | 'table',
  sized: Sized,
  grownBytes: number | undefined,
  sinceMs: number | undefined,
): readonly SpaceHolder[] {
  const place = placeOf(ground, sized.role)
  if (place === undefined) return []
  const { name, bytes } = sized
  const hasGrown = grownBytes !== undefined && sinceMs !== undefined && grownBytes >= WORTH_TELLING_BYTES
  const sentence = hasGrown
    ? `the ${what} ${name} grew by ${describeBytes(grownBytes)} in ${describeDuration(sinceMs)} to ${describeBytes(bytes)}`
    : `the largest ${what} is ${name} with ${describeBytes(bytes)}`
  return [{ kind: 'growth', device: place.device, bytes, sentence, commands: [] }]
}
