import { posix } from 'node:path'
import type { Files } from '../ports/files.ts'
import { readCurrentLogFile } from '../core/postgres/current-log-file.ts'
import { firstDirectory, isOn, readPostgresqlConf } from './postgresql-conf.ts'
import type { Settings } from './postgresql-conf.ts'
import { readOrNothing } from './read-or-nothing.ts'

/** Compiled into Debian's PostgreSQL. */
export const DEFAULT_SOCKET_DIRECTORY = '/var/run/postgresql'
export const DEFAULT_PORT = 5432

/** The settings of a server that pgwatchd needs, as files tell them. */
export interface ServerSettings {
  readonly dataDirectory: string | undefined
  readonly port: number | undefined
  /** "" when the server is told to have no socket. */
  readonly socketDirectory: string | undefined
  /** The log that the logging collector writes now; `undefined` without one. */
  readonly collectedLogFile: string | undefined
  /** The logging collector is switched on: the log's file changes with each start, and by time and size. */
  readonly collectsLog: boolean
}

/**
 * Reads `configFile` and, over it, what ALTER SYSTEM wrote into the data directory; `undefined` when `configFile` does
 * not exist. Rejects with `OutsideError` when it cannot be read.
 */
export async function readServerSettings(files: Files, configFile: string, dataDirectory?: string): Promise<ServerSettings | undefined> {
  const written = await readPostgresqlConf(files, configFile)
  if (written === undefined) return undefined
  const directory = dataDirectory ?? written.get('data_directory')
  const altered = directory === undefined ? undefined : await readAltered(files, directory)
  const settings = new Map([...written, ...(altered ?? [])])
  const isCollected = directory !== undefined && isOn(settings.get('logging_collector'))
  const sockets = settings.get('unix_socket_directories')
  return {
    dataDirectory: directory,
    port: portOf(settings.get('port')),
    socketDirectory: sockets === undefined ? undefined : firstDirectory(sockets),
    collectedLogFile: isCollected ? await findCurrentLogFile(files, directory) : undefined,
    collectsLog: isCollected,
  }
}

/** A user who may not look into the data directory does without. */
async function readAltered(files: Files, dataDirectory: string): Promise<Settings | undefined> {
  return await readOrNothing(() => readPostgresqlConf(files, posix.join(dataDirectory, 'postgresql.auto.conf')))
}

/** The file that the logging collector writes now, or wrote last. */
async function findCurrentLogFile(files: Files, dataDirectory: string): Promise<string | undefined> {
  const text = await readOrNothing(() => files.readText(posix.join(dataDirectory, 'current_logfiles'), { maxBytes: 8192 }))
  return readCurrentLogFile(text ?? '', dataDirectory)
}

/** A port as PostgreSQL takes it; `undefined` for anything else. */
export function portOf(text: string | undefined): number | undefined {
  const port = /^[0-9]{1,5}$/.test(text ?? '') ? Number(text) : 0
  return port >= 1 && port <= 65535 ? port : undefined
}
