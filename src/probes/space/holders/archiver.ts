import { describeBytes } from '../../../core/disk/bytes.ts'
import type { PersonCommand, SpaceHolder } from '../../../core/disk/holder.ts'
import { describeDuration } from '../../../core/describe-duration.ts'
import { readArchiveFailure } from '../../../core/postgres/archive-failure.ts'
import type { ArchiveFailure } from '../../../core/postgres/archive-failure.ts'
import type { Row } from '../../../ports/postgres.ts'
import { currentLogFile } from '../../facts/current-log-file.ts'
import type { HolderGround, HolderQuestion } from './question.ts'
import { placeOf } from './question.ts'
import { segmentBytesOf } from './segment-bytes.ts'

const LOG_TAIL_BYTES = 128 * 1024
/** An archiver that has said nothing for this long while files wait hangs in its command. */
const SILENT_SECONDS = 300
const ARCHIVER = `
  select archived_count::text, failed_count::text, coalesce(last_failed_wal, '') as failed_wal,
         coalesce(extract(epoch from now() - last_archived_time)::bigint, -1)::text as archived_ago,
         coalesce(extract(epoch from now() - last_failed_time)::bigint, -1)::text as failed_ago,
         pg_catalog.current_setting('archive_command') as command,
         coalesce(pg_catalog.current_setting('archive_library', true), '') as library
    from pg_catalog.pg_stat_archiver`

interface Standing {
  readonly failures: number
  readonly failedWal: string
  /** Seconds; -1 for never. */
  readonly archivedAgo: number
  readonly failedAgo: number
  readonly command: string
  readonly library: string
}

/** WAL that is kept until it is archived: by a command that fails, hangs, or is merely slower than the server writes. */
export const archiver: HolderQuestion = {
  name: 'archiver',
  async ask(ground) {
    const place = placeOf(ground, 'wal')
    if (place === undefined) return []
    const names = (await ground.outside.files.list(`${place.path}/archive_status`)) ?? []
    const waiting = names.filter((name) => name.endsWith('.ready')).length
    if (waiting === 0) return []
    const bytes = waiting * segmentBytesOf(ground)
    const [row] = (await ground.questioner.ask(ARCHIVER)) ?? []
    const standing = row === undefined ? undefined : toStanding(row)
    const failure = await lastFailure(ground)
    const sentence = `${waiting} WAL files wait for archive_command (${describeBytes(bytes)}): ${judge(standing, failure)}`
    const holder: SpaceHolder = {
      kind: 'archiver',
      device: place.device,
      bytes,
      sentence,
      commands: commandsFor(ground, standing, failure),
    }
    return [holder]
  },
}

function toStanding(row: Row): Standing {
  return {
    failures: Number(row['failed_count']),
    failedWal: String(row['failed_wal']),
    archivedAgo: Number(row['archived_ago']),
    failedAgo: Number(row['failed_ago']),
    command: String(row['command']),
    library: String(row['library']),
  }
}

/** The server's own last words about a failed command, which also a server that is down has left. */
async function lastFailure({ cluster, outside: { files } }: HolderGround): Promise<ArchiveFailure | undefined> {
  const path = await currentLogFile(cluster, files)
  const tail = path === '' ? undefined : await files.readTail(path, LOG_TAIL_BYTES)
  return tail === undefined ? undefined : readArchiveFailure(tail.split('\n'))
}

function judge(standing: Standing | undefined, failure: ArchiveFailure | undefined): string {
  const said = failure === undefined ? '' : `, with: ${failure.why}${failure.command === '' ? '' : `: ${failure.command}`}`
  if (standing === undefined) return failure === undefined ? 'it fails or is too slow' : `it fails${said}`
  if (isUnset(standing)) return 'archive_mode is on, and neither archive_command nor archive_library is set'
  if (isFailing(standing))
    return `it fails, ${standing.failures} times so far, the last time ${ago(standing.failedAgo)} ago for ${standing.failedWal}${said}`
  if (standing.archivedAgo < 0 || standing.archivedAgo > SILENT_SECONDS)
    return `it neither succeeded nor failed for ${standing.archivedAgo < 0 ? 'as long as the server runs' : ago(standing.archivedAgo)}: it hangs`
  return `it works, the last time ${ago(standing.archivedAgo)} ago, but more slowly than the server writes`
}

function isUnset({ command, library }: Standing): boolean {
  return library === '' && (command === '' || command === '(disabled)')
}

function isFailing({ failedAgo, archivedAgo }: Standing): boolean {
  return failedAgo >= 0 && (archivedAgo < 0 || failedAgo < archivedAgo)
}

function ago(seconds: number): string {
  return describeDuration(seconds * 1000)
}

function commandsFor(
  { cluster }: HolderGround,
  standing: Standing | undefined,
  failure: ArchiveFailure | undefined,
): readonly PersonCommand[] {
  const look: PersonCommand = {
    as: 'sql',
    text: "select *, current_setting('archive_command') from pg_stat_archiver",
    remark: 'how the archiver stands; once its command works, the WAL goes at the next checkpoint',
  }
  const isUseful = failure !== undefined && failure.command !== '' && (standing === undefined || isFailing(standing))
  if (!isUseful) return [look]
  const quoted = `'${failure.command.replaceAll("'", `'\\''`)}'`
  const text = `cd ${cluster.dataDirectory} && sudo -u postgres sh -c ${quoted}`
  return [
    { as: 'shell', text, remark: 'what the server runs: mend what it says; /bin/true instead would break point-in-time recovery' },
    look,
  ]
}
