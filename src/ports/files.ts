/** What `lstat` tells; a link is not followed. */
export interface FileStatus {
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly sizeBytes: number
  /** Blocks really allocated; smaller than `sizeBytes` for a sparse file. */
  readonly allocatedBytes: number
  /** Permission bits only, such as 0o600. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly inode: number
  readonly device: number
  readonly modifiedWallMs: number
}

/** Room on the file system that holds a path, as this process may use it (reserved blocks do not count). */
export interface VolumeUse {
  /** `st_dev`: two paths on one file system have the same. */
  readonly device: number
  readonly totalBytes: number
  readonly availableBytes: number
  /** Free, but for root alone (ext4's reserved blocks); not among the available ones. */
  readonly reservedBytes: number
  /** 0 where the file system has no fixed number of inodes (btrfs). */
  readonly totalInodes: number
  readonly freeInodes: number
}

const TEMPORARY = /^\..+\.[0-9a-f]{12}\.new$/

/** The file beside `name` that becomes it once it is written; `random` is 12 hexadecimal digits. */
export function temporaryName(name: string, random: string): string {
  return `.${name}.${random}.new`
}

/** Whether a name is one that `temporaryName` gave: it stays behind when its process is killed. */
export function isTemporary(name: string): boolean {
  return TEMPORARY.test(name)
}

/** Files and directories. Every failure but a missing file rejects with `OutsideError`, whose code is the errno name. */
export interface Files {
  /** `undefined` when it does not exist. */
  status(path: string): Promise<FileStatus | undefined>
  /** The path with every link resolved; `undefined` when it does not exist. */
  resolve(path: string): Promise<string | undefined>
  /** Room on the file system that holds `path`. */
  volume(path: string): Promise<VolumeUse>
  /** Names in a directory, sorted; `undefined` when it does not exist. At most 100,000. */
  list(path: string): Promise<readonly string[] | undefined>
  /** At most `maxBytes` from `offset` (default 0); `undefined` when it does not exist. */
  read(path: string, limits: { readonly maxBytes: number; readonly offset?: number }): Promise<Uint8Array | undefined>
  /** Same, decoded as UTF-8 with replacement characters. */
  readText(path: string, limits: { readonly maxBytes: number; readonly offset?: number }): Promise<string | undefined>
  /** The last `maxBytes` of a file, cut to whole lines; `undefined` when it does not exist. */
  readTail(path: string, maxBytes: number): Promise<string | undefined>

  /** Replaces the whole file: temporary file beside it, fsync, rename, fsync of the directory. Never follows a link at `path`. */
  writeDurably(path: string, content: string | Uint8Array, mode: number): Promise<void>
  /** Overwrites bytes of an existing file in place and fdatasyncs it. Needs no free space on ext4, xfs and tmpfs. */
  overwrite(path: string, offset: number, content: Uint8Array): Promise<void>
  /** Appends to a file (created with `mode` if missing) and fsyncs it and its directory. */
  appendDurably(path: string, content: string | Uint8Array, mode: number): Promise<void>
  /** Creates a file of real blocks (never sparse, nothing that compresses), fsynced; on failure nothing is left behind. */
  allocate(path: string, sizeBytes: number, mode: number, signal?: AbortSignal): Promise<void>
  /** Creates an empty file exclusively; a file that is there already is fine. */
  touch(path: string, mode: number): Promise<void>
  /** Creates a directory and its parents; the last one with `mode`. Fine when it is there. */
  makeDirectory(path: string, mode: number): Promise<void>
  /** Renames and fsyncs both directories; across file systems it copies, fsyncs, then removes. Refuses to replace an existing target (`EEXIST`). */
  move(from: string, to: string): Promise<void>
  /** Copies a regular file, fsynced; refuses an existing target (`EEXIST`). */
  copy(from: string, to: string, mode: number): Promise<void>
  /** Removes a file or an empty directory and fsyncs its directory; fine when it is gone already. */
  remove(path: string): Promise<void>
  /** Fsyncs a directory: the names in it are durable then, also those that a run left behind which was killed before it did so. */
  syncNames(directory: string): Promise<void>
  /** Changes permission bits. */
  changeMode(path: string, mode: number): Promise<void>

  /**
   * Calls `listener` (coalesced, at most every 50 ms) when the file or directory changes; the result stops it.
   * Never throws: a path that cannot be watched is retried.
   */
  watch(path: string, listener: () => void): () => void
}
