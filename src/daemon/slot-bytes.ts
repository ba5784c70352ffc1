export const STATE_SLOT_BYTES = 16 * 1024

/** The journal carries what steps note for their undo. */
export const JOURNAL_SLOT_BYTES = 256 * 1024
