import { ask, describeFailure } from '../../server/ask.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { BackupGround, Outcome } from './backup.ts'
import { refuse } from './refuse.ts'

export interface Tablespace {
  readonly oid: number
  readonly location: string
}

const TABLESPACES = `
  select oid::int as oid, pg_catalog.pg_tablespace_location(oid) as location
    from pg_catalog.pg_tablespace where pg_catalog.pg_tablespace_location(oid) <> ''`

export async function listTablespaces({ outside }: BackupGround, signal: AbortSignal): Promise<Outcome<readonly Tablespace[]>> {
  const answer = await ask(outside, { text: TABLESPACES, timeoutMs: 10_000, purpose: 'backup' }, signal)
  if (!answer.ok) return refuse('server', describeFailure(answer.failure))
  return { ok: true, value: answer.value.map((row) => ({ oid: Number(row['oid']), location: String(row['location']) })) }
}

/** Where pg_basebackup puts each of them: never back to where the server has it. */
export function mappingOptions(tablespaces: readonly Tablespace[], directory: string): readonly string[] {
  const escape = (path: string): string => path.replaceAll('=', '\\=')
  return tablespaces.map(({ oid, location }) => `--tablespace-mapping=${escape(location)}=${escape(`${directory}/tablespaces/${oid}`)}`)
}

/** Makes the links of a backup relative, so that they hold wherever the folder is moved or copied to. */
export async function linkTablespaces(
  { outside: { commands } }: BackupGround,
  tablespaces: readonly Tablespace[],
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  for (const { oid } of tablespaces) {
    const link = `${directory}/data/pg_tblspc/${oid}`
    const made = await commands.run({ file: 'ln', arguments: ['-sfn', '--', `../../tablespaces/${oid}`, link], timeoutMs: 10_000 }, signal)
    if (made.exitCode !== 0)
      throw new OutsideError({ operation: 'link', object: link, code: made.outcome, reason: made.stderr.trim() || made.outcome })
  }
}
