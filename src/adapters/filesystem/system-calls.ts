import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import * as promises from 'node:fs/promises'

/** What this adapter reads of a file's status. */
export type FileStats = Pick<
  Stats,
  'mode' | 'size' | 'blocks' | 'uid' | 'gid' | 'ino' | 'dev' | 'atime' | 'mtime' | 'mtimeMs' | 'isFile' | 'isDirectory' | 'isSymbolicLink'
>

/** An open file; closed at the end of the block that it is used in. */
export interface OpenFile extends AsyncDisposable {
  readonly fd: number
  read(into: Uint8Array, offset: number, length: number, position?: number): Promise<{ readonly bytesRead: number }>
  write(from: Uint8Array, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>
  /** Writes all of `content` where the last write ended. */
  writeFile(content: string | Uint8Array): Promise<void>
  appendFile(content: string | Uint8Array): Promise<void>
  chmod(mode: number): Promise<void>
  stat(): Promise<{ readonly size: number }>
  sync(): Promise<void>
  datasync(): Promise<void>
}

/** The system calls of this adapter: everything that it asks of the operating system, but for watching. They fail as those of `node:fs` do. */
export interface SystemCalls {
  open(path: string, flags: number, mode?: number): Promise<OpenFile>
  lstat(path: string): Promise<FileStats>
  stat(path: string): Promise<FileStats>
  statfs(path: string): Promise<{
    readonly frsize: number
    readonly blocks: number
    readonly bfree: number
    readonly bavail: number
    readonly files: number
    readonly ffree: number
  }>
  realpath(path: string): Promise<string>
  opendir(path: string, options?: { readonly bufferSize: number }): Promise<AsyncIterable<{ readonly name: string }>>
  mkdir(path: string, options: { readonly mode: number; readonly recursive?: boolean }): Promise<string | undefined>
  rename(from: string, to: string): Promise<void>
  link(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  rmdir(path: string): Promise<void>
  rm(path: string, options: { readonly recursive: true; readonly force?: boolean }): Promise<void>
  symlink(target: string, path: string): Promise<void>
  readlink(path: string): Promise<string>
  chmod(path: string, mode: number): Promise<void>
  lchown(path: string, uid: number, gid: number): Promise<void>
  utimes(path: string, accessed: Date, modified: Date): Promise<void>
  getrandom(bytes: number): Uint8Array
}

/** Those of this host. */
export const hostSystemCalls: SystemCalls = { ...promises, getrandom: (bytes) => randomBytes(bytes) }
