import type { SafeFile } from '../../core/safe-list.ts'
import { ballastPath, isCoreFile, isEarlierLog, selectFreeable } from '../../core/safe-list.ts'
import type { StepContext } from '../step.ts'

const FILES_AT_MOST = 1_000

/** A file on the safe list with the volume that it lies on. */
export interface FreeableFile extends SafeFile {
  readonly device: number
}

/** What may go to make room, in the order in which it should. */
export async function listFreeable(context: StepContext): Promise<readonly FreeableFile[]> {
  const files = (await Promise.all([listBallast(context), listLogs(context), listCoreFiles(context)])).flat()
  const { outside, settings, cluster } = context
  const { logAgeMs } = settings.disk
  const chosen = selectFreeable({ files, nowWallMs: outside.clock.wallMs(), logAgeMs, openLogPath: cluster.logFile })
  return chosen.flatMap((file) => files.find((each) => each.path === file.path) ?? [])
}

/** Beside the data directory, and where `pg_wal` is another volume also beside that. */
async function listBallast(context: StepContext): Promise<readonly FreeableFile[]> {
  const wal = await context.outside.files.resolve(`${context.cluster.dataDirectory}/pg_wal`)
  const besideWal = wal === undefined ? [] : [ballastPath(context.cluster, parentOf(wal))]
  const paths = new Set([ballastPath(context.cluster), ...besideWal])
  return (await Promise.all([...paths].map((path) => toFreeable(context, path, 'ballast')))).flat()
}

async function listLogs(context: StepContext): Promise<readonly FreeableFile[]> {
  const { logFile } = context.cluster
  if (logFile === '') return []
  const openName = logFile.slice(logFile.lastIndexOf('/') + 1)
  return listMatching(context, parentOf(logFile), 'server-log', (name) => isEarlierLog(name, openName))
}

async function listCoreFiles(context: StepContext): Promise<readonly FreeableFile[]> {
  return listMatching(context, context.cluster.dataDirectory, 'core-file', isCoreFile)
}

async function listMatching(
  context: StepContext,
  directory: string,
  role: SafeFile['role'],
  matches: (name: string) => boolean,
): Promise<readonly FreeableFile[]> {
  const names = ((await context.outside.files.list(directory)) ?? []).filter(matches).slice(0, FILES_AT_MOST)
  return (await Promise.all(names.map((name) => toFreeable(context, `${directory}/${name}`, role)))).flat()
}

async function toFreeable(context: StepContext, path: string, role: SafeFile['role']): Promise<readonly FreeableFile[]> {
  const status = await context.outside.files.status(path)
  if (status === undefined || status.kind !== 'file') return []
  return [{ path, role, allocatedBytes: status.allocatedBytes, modifiedWallMs: status.modifiedWallMs, device: status.device }]
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
