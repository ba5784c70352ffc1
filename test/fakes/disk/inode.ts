import type { FileStatus, VolumeUse } from '../../../src/ports/files.ts'

/** A file system of limited room; `availableBytes` shrinks and grows with what is written and removed. */
export type FakeVolume = { -readonly [Key in keyof VolumeUse]: VolumeUse[Key] } & {
  /** Every write fails with EROFS. */
  readOnly: boolean
  /** Overwriting in place needs room too, as on btrfs. */
  copiesOnWrite: boolean
  /** In memory: nothing outlives a power cut. */
  isVolatile: boolean
  /** Changes of names that no fsync of their directory has made durable yet, oldest first. */
  names: readonly NameChange[]
}

/** One change of names: what each entry holds afterwards. A rename changes two at once. */
export interface NameChange {
  entries: readonly { readonly directory: Inode; readonly name: string; readonly inode: Inode | undefined }[]
  /** Its fsync failed: a later one does not make it durable. */
  isDoomed: boolean
}

/** A write that no fsync has made durable yet. */
export interface PendingWrite {
  readonly offset: number
  readonly bytes: Uint8Array
}

/** A file, directory or link. */
export interface Inode {
  readonly number: number
  readonly kind: FileStatus['kind']
  mode: number
  uid: number
  gid: number
  /** Where a link points; empty otherwise. */
  readonly target: string
  modifiedWallMs: number
  volume: FakeVolume
  /** Entries that name it. */
  links: number
  /** Of a directory: the entry that names it. */
  parent: { readonly directory: Inode; readonly name: string } | undefined
  /** What everybody reads. */
  content: Uint8Array
  /** What is certain to outlive a power cut; may be the same array as `content` until something is written. */
  durable: Uint8Array
  /** What may outlive it, page by page. Writes whose fsync failed are gone from here: they are read until they are evicted. */
  pending: PendingWrite[]
  /** Whether an fsync has failed. */
  hasFailed: boolean
  /** Of a directory; as everybody sees them. */
  readonly entries: Map<string, Inode>
  readonly durableEntries: Map<string, Inode>
}

/** Writes into the file as it is read, and remembers that it is not durable. */
export function writeInto(inode: Inode, offset: number, bytes: Uint8Array, wallMs: number): void {
  if (inode.durable === inode.content) inode.durable = inode.content.slice()
  inode.content = patched(inode.content, offset, bytes)
  inode.pending.push({ offset, bytes: bytes.slice() })
  inode.modifiedWallMs = wallMs
}

/** An fsync that succeeds. */
export function makeDurable(inode: Inode): void {
  for (const { offset, bytes } of inode.pending) inode.durable = patched(inode.durable, offset, bytes)
  inode.pending = []
}

/** An fsync that fails: the kernel reports it once, and drops the pages. */
export function loseWrites(inode: Inode): void {
  inode.pending = []
  inode.hasFailed = true
}

/** The kernel reads the file anew: what was not written to the disk is gone. */
export function evict(inode: Inode): void {
  inode.content = inode.durable.slice()
  for (const { offset, bytes } of inode.pending) inode.content = patched(inode.content, offset, bytes)
}

/** Whether what is read is what a power cut leaves. */
export function isDurable({ pending, hasFailed, content, durable }: Inode): boolean {
  return pending.length === 0 && (!hasFailed || Buffer.compare(content, durable) === 0)
}

/** `content` with `bytes` at `offset`; grown with zeros where that is beyond its end. */
export function patched(content: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const end = offset + bytes.length
  const whole = end <= content.length ? content : grown(content, end)
  whole.set(bytes, offset)
  return whole
}

/** Twice the room that is asked for, so that a file that grows line by line is not copied line by line. */
function grown(content: Uint8Array, length: number): Uint8Array {
  if (content.byteOffset === 0 && content.buffer.byteLength >= length) return new Uint8Array(content.buffer, 0, length)
  const roomy = new Uint8Array(new ArrayBuffer(content.length === 0 ? length : length * 2), 0, length)
  roomy.set(content)
  return roomy
}
