/** `CheckPoint` of catalog/pg_control.h as it lies in `global/pg_control`; of one size in all versions from 13 to 18. */
const CHECKPOINT = { offset: 40, bytes: 88 } as const
/** Within it. */
const OFFSET = { nextXid: 24, nextMulti: 36, nextMultiOffset: 40 } as const
const MEMBERS_PER_PAGE = 1_636
const PAGES_PER_FILE = 32

/** The checkpoint that a control file holds, as a checkpoint record of the WAL holds it too. */
export function checkpointOf(controlFile: Uint8Array): Uint8Array {
  return new Uint8Array(controlFile.subarray(CHECKPOINT.offset, CHECKPOINT.offset + CHECKPOINT.bytes))
}

/**
 * The files that a server which begins at this checkpoint reads at the end of its redo: where the next transaction and the next
 * multixact will be written. Below the data directory.
 */
export function filesOfCheckpoint(checkpoint: Uint8Array): readonly string[] {
  const view = new DataView(checkpoint.buffer, checkpoint.byteOffset, checkpoint.byteLength)
  const xid = view.getUint32(OFFSET.nextXid, true)
  const multi = view.getUint32(OFFSET.nextMulti, true)
  const member = view.getUint32(OFFSET.nextMultiOffset, true)
  return [
    `pg_xact/${nameOf(Math.floor(xid / (32_768 * PAGES_PER_FILE)))}`,
    `pg_multixact/offsets/${nameOf(Math.floor(multi / (2_048 * PAGES_PER_FILE)))}`,
    `pg_multixact/members/${nameOf(Math.floor(member / (MEMBERS_PER_PAGE * PAGES_PER_FILE)))}`,
  ]
}

function nameOf(file: number): string {
  return file.toString(16).toUpperCase().padStart(4, '0')
}
