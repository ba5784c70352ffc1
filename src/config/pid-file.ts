import { posix } from 'node:path'
import type { Files } from '../ports/files.ts'
import { readOrNothing } from './read-or-nothing.ts'
import { portOf } from './server-settings.ts'

/** Lines 4 and 5 of postmaster.pid (miscadmin.h, LOCK_FILE_LINE_PORT and LOCK_FILE_LINE_SOCKET_DIR). */
export interface PidFileAddress {
  readonly port: number | undefined
  readonly socketDirectory: string | undefined
}

/** Where the server of a data directory listens, or last listened; `undefined` when no pid file can be read. */
export async function readPidFile(files: Files, dataDirectory: string): Promise<PidFileAddress | undefined> {
  const text = await readOrNothing(() => files.readText(posix.join(dataDirectory, 'postmaster.pid'), { maxBytes: 8192 }))
  if (text === undefined) return undefined
  const lines = text.split('\n')
  const socketDirectory = lines[4]?.trim() ?? ''
  return { port: portOf(lines[3]?.trim()), socketDirectory: socketDirectory.startsWith('/') ? socketDirectory : undefined }
}
