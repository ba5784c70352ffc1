import { getSystemErrorName } from 'node:util'
import { OutsideError } from '../../ports/outside-error.ts'

/** Node knows no name for this number on Linux. */
const EDQUOT = -122

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'free space on the file system that holds it, or enlarge it',
  EDQUOT: "raise the user's quota, or free space",
  EROFS: 'the file system is mounted read-only: look for file system errors in the kernel log',
  EIO: 'the storage reports errors: look at the kernel log before anything is written again',
  EACCES: 'give the user that pgwatchd runs as access to it',
  EPERM: 'give the user that pgwatchd runs as ownership of it',
  EMFILE: 'raise LimitNOFILE= of pgwatchd.service',
  ENFILE: 'raise fs.file-max of this host',
  ELOOP: 'a symbolic link is in the place of a file: find out who put it there',
}

/** The errno name of a rejection by `node:fs` or `child_process`; `undefined` for anything else. */
export function errnoName(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('errno' in error) || typeof error.errno !== 'number') return undefined
  return error.errno === EDQUOT ? 'EDQUOT' : getSystemErrorName(error.errno)
}

/** True when a path, or a directory on the way to it, does not exist. */
export function isMissing(error: unknown): boolean {
  const name = errnoName(error)
  return name === 'ENOENT' || name === 'ENOTDIR'
}

/** An errno as an `OutsideError`; anything else is a bug and stays as it is. */
export function toFailure(operation: string, path: string, error: unknown): unknown {
  if (error instanceof SuppressedError) return toFailure(operation, path, error.suppressed)
  const code = errnoName(error)
  if (code === undefined || !(error instanceof Error)) return error
  return new OutsideError({ operation, object: path, code, reason: describe(code, error.message), hint: HINTS[code] ?? '', cause: error })
}

/** Runs one operation on one path; its errno becomes an `OutsideError`. */
export async function attempt<T>(operation: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    throw toFailure(operation, path, error)
  }
}

/** Same, but `undefined` when the path does not exist. */
export async function attemptIfThere<T>(operation: string, path: string, act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (isMissing(error)) return undefined
    throw toFailure(operation, path, error)
  }
}

/** "ENOSPC: no space left on device, write" without the system call, which the operation names better. */
function describe(code: string, message: string): string {
  const words = /^\w+: ([^,]+)/.exec(message)?.[1]
  if (words === undefined || words.startsWith('unknown')) return code === 'EDQUOT' ? 'disk quota exceeded' : code
  return `${words} (${code})`
}
