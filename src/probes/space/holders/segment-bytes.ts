import type { HolderGround } from './question.ts'

/** initdb's default. */
const USUAL_BYTES = 16 << 20

/** The size of a WAL file. */
export function segmentBytesOf({ controlFile }: HolderGround): number {
  return controlFile?.walSegmentBytes ?? USUAL_BYTES
}
