import { describeBytes } from '../../../core/disk/bytes.ts'
import type { PersonCommand, SpaceHolder } from '../../../core/disk/holder.ts'
import type { Row } from '../../../ports/postgres.ts'
import { roleOf } from '../database-sizes.ts'
import type { HolderGround, HolderQuestion } from './question.ts'
import { placeOf } from './question.ts'

const DATABASES_AT_MOST = 10
const NAMED_AT_MOST = 5
/** Younger than the oldest open transaction: it may be the table that this transaction is filling. */
const UNOWNED = `
  with opened as (
    select least((select min(xact_start) from pg_catalog.pg_stat_activity
                   where datname = pg_catalog.current_database() and pid <> pg_catalog.pg_backend_pid()),
                 (select min(prepared) from pg_catalog.pg_prepared_xacts)) as first),
  database as (select oid, dattablespace from pg_catalog.pg_database where datname = pg_catalog.current_database())
  select 'base/' || database.oid || '/' || name as path, database.dattablespace::text as tablespace, status.size::text as bytes,
         opened.first is not null and status.modification >= opened.first - interval '2 seconds' as may_be_open
    from database, opened, pg_catalog.pg_ls_dir('base/' || database.oid) as name,
         pg_catalog.pg_stat_file('base/' || database.oid || '/' || name, true) as status
   where name ~ '^[0-9]+([.][0-9]+)?$' and status.size > 0
     and pg_catalog.pg_filenode_relation(0, pg_catalog.split_part(name, '.', 1)::oid) is null
   order by status.size desc
   limit 100`

/** Files that no table or index owns: what a crash left behind, and what an open transaction is about to. Named, never touched. */
export const unownedFiles: HolderQuestion = {
  name: 'unowned-files',
  async ask(ground, signal) {
    const databases = await ground.databases()
    const holders: SpaceHolder[] = []
    for (const { name } of databases.slice(0, DATABASES_AT_MOST)) {
      if (signal.aborted) break
      const rows = (await ground.questioner.ask(UNOWNED, name)) ?? []
      holders.push(...toHolders(ground, name, rows, true), ...toHolders(ground, name, rows, false))
    }
    return holders
  },
}

function toHolders(ground: HolderGround, database: string, rows: readonly Row[], mayBeOpen: boolean): readonly SpaceHolder[] {
  const found = rows.filter((row) => row['may_be_open'] === mayBeOpen)
  const place = placeOf(ground, roleOf(String(found[0]?.['tablespace'])))
  if (place === undefined) return []
  const bytes = found.reduce((sum, row) => sum + Number(row['bytes']), 0)
  const names = found.slice(0, NAMED_AT_MOST).map((row) => String(row['path']))
  const more = found.length > names.length ? ` and ${found.length - names.length} more` : ''
  const files = `${describeBytes(bytes)} in database ${database} (${names.join(', ')}${more})`
  const sentence = mayBeOpen
    ? `an open transaction is filling ${files}`
    : `files that no table owns, left by a crash, hold ${files}; they are named here and never touched`
  return [{ kind: 'unowned-files', device: place.device, bytes, sentence, commands: mayBeOpen ? [OPEN_TRANSACTIONS] : [] }]
}

const OPEN_TRANSACTIONS: PersonCommand = {
  as: 'sql',
  text: 'select pid, usename, state, now() - xact_start as age from pg_stat_activity where xact_start is not null order by 4 desc limit 5',
  remark: 'whose transaction that may be; when it is ended, its files go',
}
