import { posix } from 'node:path'
import { crc32 } from '../core/crc32.ts'
import type { Files } from '../ports/files.ts'
import { OutsideError } from '../ports/outside-error.ts'

/** A text that survives a crash or a power cut at any instant, and can be replaced on a full disk. */
export interface SlotFile {
  /** The newest text that was saved; `undefined` when there is none. Rejects with `OutsideError` when the file cannot be read. */
  load(): Promise<string | undefined>
  /** Durable when it resolves. Rejects with `OutsideError`; what `load` gives afterwards is then this text or the one before. */
  save(text: string): Promise<void>
}

export interface SlotFileRequest {
  readonly files: Files
  readonly path: string
  /** Room for one text and its header; a longer text is refused. */
  readonly slotBytes: number
  /** Told when there is something at `path`, and nothing in it can be believed. */
  readonly onDamaged?: () => void
}

interface Slot {
  readonly sequence: number
  readonly text: string
}

interface Place {
  /** Where the newest text is; 0 when nothing was saved yet. */
  readonly sequence: number
  /** False when the file has to be written as a whole: missing, of another size, or in doubt after a failed write. */
  readonly trusted: boolean
  /** Whether the file's name is durable: the run that made it may have been killed right before that. */
  readonly named: boolean
}

const HEADER_BYTES = 64
const HEADER = /^pgwatchd-slot 1 (\d+) (\d+) ([0-9a-f]{8}) *\n$/

/**
 * Two preallocated slots, written in turn: each has a sequence number and a checksum, the newest valid one counts, and a
 * torn one is ignored. Overwriting in place needs no room on ext4, xfs and tmpfs. After a failed write the file is in
 * doubt (a failed fsync must not be tried again), so the next save replaces it as a whole. Saves are done one at a time.
 */
export function createSlotFile(request: SlotFileRequest): SlotFile {
  let place: Place | undefined
  let last: Promise<unknown> = Promise.resolve()
  const saveNext = async (text: string): Promise<void> => {
    const before = place ?? placeOf(request, await readSlots(request))
    const sequence = before.sequence + 1
    const content = encode(request, { sequence, text })
    place = { sequence, trusted: false, named: false }
    const overwrites = before.trusted && (await isThere(request))
    if (overwrites && !before.named) await request.files.syncNames(posix.dirname(request.path))
    await (overwrites ? overwriteOlder : replaceWhole)(request, sequence, content)
    place = { sequence, trusted: true, named: true }
  }
  return {
    async load() {
      const found = await readSlots(request)
      place ??= placeOf(request, found)
      if (found.sizeBytes > 0 && found.slots.length === 0) request.onDamaged?.()
      return newest(found.slots)?.text
    },
    save(text) {
      const next = last.then(() => saveNext(text))
      last = next.catch(() => undefined)
      return next
    },
  }
}

async function readSlots({
  files,
  path,
  slotBytes,
}: SlotFileRequest): Promise<{ readonly slots: readonly Slot[]; readonly sizeBytes: number }> {
  const bytes = await files.read(path, { maxBytes: 2 * slotBytes })
  if (bytes === undefined) return { slots: [], sizeBytes: 0 }
  const slots = [0, slotBytes].map((offset) => decode(bytes.subarray(offset, offset + slotBytes)))
  return { slots: slots.filter((slot) => slot !== undefined), sizeBytes: bytes.length }
}

function newest(slots: readonly Slot[]): Slot | undefined {
  return slots.toSorted((left, right) => right.sequence - left.sequence)[0]
}

function placeOf({ slotBytes }: SlotFileRequest, found: { readonly slots: readonly Slot[]; readonly sizeBytes: number }): Place {
  return { sequence: newest(found.slots)?.sequence ?? 0, trusted: found.sizeBytes === 2 * slotBytes, named: false }
}

/** Somebody may have cleared the directory. */
async function isThere({ files, path }: SlotFileRequest): Promise<boolean> {
  return (await files.status(path)) !== undefined
}

async function overwriteOlder({ files, path, slotBytes }: SlotFileRequest, sequence: number, content: Uint8Array): Promise<void> {
  await files.overwrite(path, (sequence % 2) * slotBytes, content)
}

async function replaceWhole({ files, path, slotBytes }: SlotFileRequest, sequence: number, content: Uint8Array): Promise<void> {
  await files.makeDirectory(posix.dirname(path), 0o700)
  const whole = new Uint8Array(2 * slotBytes)
  whole.set(content, (sequence % 2) * slotBytes)
  await files.writeDurably(path, whole, 0o600)
}

function encode({ path, slotBytes }: SlotFileRequest, { sequence, text }: Slot): Uint8Array {
  const body = new TextEncoder().encode(text)
  if (HEADER_BYTES + body.length > slotBytes) {
    const reason = `its ${body.length} bytes do not fit into a slot of ${slotBytes}`
    throw new OutsideError({ operation: 'save into', object: path, code: 'EFBIG', reason })
  }
  const header = `pgwatchd-slot 1 ${sequence} ${body.length} ${checksum(sequence, body)}`.padEnd(HEADER_BYTES - 1)
  return Buffer.concat([new TextEncoder().encode(`${header}\n`), body])
}

function decode(bytes: Uint8Array): Slot | undefined {
  const header = HEADER.exec(new TextDecoder().decode(bytes.subarray(0, HEADER_BYTES)))
  if (header === null) return undefined
  const sequence = Number(header[1])
  const body = bytes.subarray(HEADER_BYTES, HEADER_BYTES + Number(header[2]))
  const valid = body.length === Number(header[2]) && checksum(sequence, body) === header[3]
  return valid ? { sequence, text: new TextDecoder().decode(body) } : undefined
}

function checksum(sequence: number, body: Uint8Array): string {
  return crc32(body, crc32(Buffer.from(String(sequence))))
    .toString(16)
    .padStart(8, '0')
}
