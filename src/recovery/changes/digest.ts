import { createHash } from 'node:crypto'

/** In lower-case hexadecimal. */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex')
}
