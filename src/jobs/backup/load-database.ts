import { compareContents } from '../../core/backup/compare-contents.ts'
import { ask, describeFailure, inSession } from '../../server/ask.ts'
import { quoteIdentifier, quoteLiteral } from '../../server/quote.ts'
import type { BackupGround, Outcome, StoredBackup } from './backup.ts'
import { readContents } from './contents.ts'
import { dumpName, quoteConnection } from './dump-name.ts'
import { refuse } from './refuse.ts'
import { runTool } from './run-tool.ts'

const STATEMENT_TIMEOUT_MS = 60_000
const EXACT_ROWS_AT_MOST = 50_000_000

/**
 * Loads one dump into a new database `into`, which takes owner, encoding, locale, rights and settings of the database that is
 * there, and compares what it holds with the manifest.
 */
export async function loadDatabase(
  ground: BackupGround,
  backup: StoredBackup,
  { database, into }: { readonly database: string; readonly into: string },
  signal: AbortSignal,
): Promise<Outcome<{ readonly detail: string }>> {
  const wanted = backup.manifest.contents.find(({ name }) => name === database)
  if (backup.manifest.kind !== 'logical')
    return refuse(
      'foreign',
      `${backup.manifest.id} is a copy of the whole cluster`,
      'restore it without --database, or take a logical backup',
    )
  if (wanted === undefined)
    return refuse('unknown-database', `${backup.manifest.id} holds no database ${database}`, 'pgwatchd backup show lists them')
  const created = await createLike(ground, database, into, signal)
  if (!created.ok) return created
  const options = [
    `--dbname=${quoteConnection(into)}`,
    '--exit-on-error',
    `--jobs=${ground.settings.jobs}`,
    `${backup.directory}/${dumpName(database)}`,
  ]
  const restored = await runTool(ground, { tool: 'pg_restore', options }, signal)
  if (!restored.ok) return restored
  const limits = { exactRowsAtMost: wanted.rowsAre === 'exact' ? EXACT_ROWS_AT_MOST : -1, timeoutMs: ground.settings.timeoutMs }
  const answer = await inSession(ground.outside, { database: into, purpose: 'restore' }, signal, async (session) => {
    await session.query({ text: 'analyze', timeoutMs: ground.settings.timeoutMs }, signal)
    return { ok: true, value: await readContents(session, database, limits, signal), tookMs: 0 }
  })
  if (!answer.ok) return refuse('server', describeFailure(answer.failure))
  if (!answer.value.ok) return answer.value
  const differences = compareContents([wanted], [answer.value.value])
  return differences.length === 0
    ? { ok: true, value: { detail: 'it holds what the manifest says' } }
    : refuse('damaged', differences.join('; '))
}

const LIKE = (database: string): string => `
  select pg_catalog.format('create database %s template template0 encoding %L lc_collate %L lc_ctype %L owner %I', '@INTO@',
                           pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype, pg_catalog.pg_get_userbyid(datdba)) as statement
    from pg_catalog.pg_database where datname = ${quoteLiteral(database)}`

/** Rights and settings as statements about the new database; the connection limit comes with the swap. */
const PROPERTIES = (database: string): string => `
  select case when a.grantee = 0 then pg_catalog.format('grant %s on database @INTO@ to public%s', a.privilege_type, o.suffix)
              else pg_catalog.format('grant %s on database @INTO@ to %I%s', a.privilege_type, pg_catalog.pg_get_userbyid(a.grantee), o.suffix) end as statement
    from pg_catalog.pg_database d, lateral pg_catalog.aclexplode(d.datacl) a,
         lateral (select case when a.is_grantable then ' with grant option' else '' end as suffix) o
   where d.datname = ${quoteLiteral(database)}
  union all
  select pg_catalog.format('alter %s in database @INTO@ set %I to %L',
                           'role ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(s.setrole)), pg_catalog.split_part(c, '=', 1),
                           pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1))
    from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase, lateral pg_catalog.unnest(s.setconfig) c
   where d.datname = ${quoteLiteral(database)} and s.setrole <> 0
  union all
  select pg_catalog.format('alter database @INTO@ set %I to %L', pg_catalog.split_part(c, '=', 1), pg_catalog.substr(c, pg_catalog.strpos(c, '=') + 1))
    from pg_catalog.pg_db_role_setting s join pg_catalog.pg_database d on d.oid = s.setdatabase, lateral pg_catalog.unnest(s.setconfig) c
   where d.datname = ${quoteLiteral(database)} and s.setrole = 0`

async function createLike(ground: BackupGround, database: string, into: string, signal: AbortSignal): Promise<Outcome<undefined>> {
  const like = await statements(ground, LIKE(database), into, signal)
  if (!like.ok) return like
  if (like.value.length === 0) {
    const hint = `create it first, with the owner and locale that it shall have: createdb ${database}`
    return refuse('unknown-database', `there is no database ${database} to take owner, rights and settings from`, hint)
  }
  const acl = await ask(ground.outside, { text: ACL_IS_SET(database), timeoutMs: STATEMENT_TIMEOUT_MS, purpose: 'restore' }, signal)
  const revoke = acl.ok && acl.value.length > 0 ? [`revoke all on database ${quoteIdentifier(into)} from public`] : []
  const properties = await statements(ground, PROPERTIES(database), into, signal)
  if (!properties.ok) return properties
  for (const text of [...like.value, ...revoke, ...properties.value]) {
    const answer = await ask(ground.outside, { text, timeoutMs: STATEMENT_TIMEOUT_MS, purpose: 'restore' }, signal)
    if (!answer.ok) return refuse('server', `${text}: ${describeFailure(answer.failure)}`)
  }
  return { ok: true, value: undefined }
}

const ACL_IS_SET = (database: string): string =>
  `select 1 from pg_catalog.pg_database where datname = ${quoteLiteral(database)} and datacl is not null`

async function statements(ground: BackupGround, text: string, into: string, signal: AbortSignal): Promise<Outcome<readonly string[]>> {
  const answer = await ask(ground.outside, { text, timeoutMs: STATEMENT_TIMEOUT_MS, purpose: 'restore' }, signal)
  if (!answer.ok) return refuse('server', describeFailure(answer.failure))
  return { ok: true, value: answer.value.map((row) => String(row['statement']).replace('@INTO@', quoteIdentifier(into))) }
}
