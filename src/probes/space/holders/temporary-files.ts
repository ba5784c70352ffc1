import { describeBytes } from '../../../core/disk/bytes.ts'
import { describeDuration } from '../../../core/describe-duration.ts'
import type { SpaceHolder } from '../../../core/disk/holder.ts'
import type { Files } from '../../../ports/files.ts'
import type { HeldPlace, HolderGround, HolderQuestion } from './question.ts'

const FILES_AT_MOST = 2_000

interface TemporaryFile {
  readonly pid: number
  readonly bytes: number
}

/** What queries spill to disk; the server removes it when they end, and at each start. */
export const temporaryFiles: HolderQuestion = {
  name: 'temporary-files',
  async ask(ground) {
    const holders: SpaceHolder[] = []
    for (const place of ground.places) {
      const found = (await Promise.all((await directoriesIn(ground, place)).map((path) => look(ground.outside.files, path)))).flat()
      if (found.length > 0) holders.push(await toHolder(ground, place, found))
    }
    return holders
  },
}

async function directoriesIn({ cluster, outside: { files } }: HolderGround, { role, path }: HeldPlace): Promise<readonly string[]> {
  if (role === 'data') return [`${cluster.dataDirectory}/base/pgsql_tmp`]
  if (!role.startsWith('tablespace')) return []
  return ((await files.list(path)) ?? []).filter((name) => name.startsWith('PG_')).map((name) => `${path}/${name}/pgsql_tmp`)
}

/** Parallel queries share theirs in a directory of their own. */
async function look(files: Files, directory: string): Promise<readonly TemporaryFile[]> {
  const found: TemporaryFile[] = []
  for (const name of ((await files.list(directory)) ?? []).slice(0, FILES_AT_MOST)) {
    const path = `${directory}/${name}`
    const status = await files.status(path)
    const pid = Number(/^pgsql_tmp(\d+)\./.exec(name)?.[1] ?? 0)
    const bytes = status?.kind === 'directory' ? await sizeOf(files, path) : (status?.allocatedBytes ?? 0)
    found.push({ pid, bytes })
  }
  return found
}

async function sizeOf(files: Files, directory: string): Promise<number> {
  let bytes = 0
  for (const name of ((await files.list(directory)) ?? []).slice(0, FILES_AT_MOST))
    bytes += (await files.status(`${directory}/${name}`))?.allocatedBytes ?? 0
  return bytes
}

async function toHolder(ground: HolderGround, { device }: HeldPlace, files: readonly TemporaryFile[]): Promise<SpaceHolder> {
  const byPid = new Map<number, number>()
  for (const { pid, bytes } of files) byPid.set(pid, (byPid.get(pid) ?? 0) + bytes)
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const [pid, most] = [...byPid].sort(([, one], [, other]) => other - one)[0] ?? [0, 0]
  const who = await describeSession(ground, pid)
  const sentence = `temporary files of queries hold ${describeBytes(total)}, of which ${describeBytes(most)} by process ${pid}${who}`
  const remark = 'ends that query, and with it its temporary files'
  const commands = who === '' ? [] : [{ as: 'sql' as const, text: `select pg_cancel_backend(${pid})`, remark }]
  return { kind: 'temporary-files', device, bytes: total, sentence, commands }
}

/** Without the text of the query, which may hold what is nobody's business. */
async function describeSession({ questioner }: HolderGround, pid: number): Promise<string> {
  const [row] =
    (await questioner.ask(`
      select usename, datname, extract(epoch from now() - query_start)::bigint::text as since
        from pg_catalog.pg_stat_activity where pid = ${pid} and usename is not null`)) ?? []
  if (row === undefined) return ''
  const since = describeDuration(Number(row['since']) * 1000)
  return ` (user ${String(row['usename'])}, database ${String(row['datname'])}, its query runs for ${since})`
}
