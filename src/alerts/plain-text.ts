import { maskSecrets } from '../core/mask-secrets.ts'

/** Columns of a mail's text. */
export const TEXT_WIDTH = 76

/** Looked at beyond what is shown, for what masking makes shorter. */
const SLACK = 500

/**
 * One line without control characters (escape sequences, line ends, direction marks), so that outside text can neither
 * forge a line nor act on a terminal; secrets masked, cut to `maximum` characters.
 */
export function oneSafeLine(text: string, maximum: number): string {
  const flat = text
    .slice(0, maximum + SLACK)
    .replace(/\r?\n/g, ' ')
    .replace(/\t/g, '  ')
  const visible = flat.replace(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?')
  const masked = maskSecrets(visible)
  return masked.length <= maximum ? masked : `${masked.slice(0, maximum - 6)} [...]`
}

/** Breaks a sentence at blanks into lines of at most `TEXT_WIDTH`; the first starts with `first`, the others with `rest`. */
export function wrap(text: string, first: string, rest: string): readonly string[] {
  const lines: string[] = []
  let line = first
  let empty = true
  for (const word of text.split(' ').filter((part) => part !== '')) {
    if (!empty && line.length + 1 + word.length > TEXT_WIDTH) {
      lines.push(line)
      line = rest
      empty = true
    }
    line += empty ? word : ` ${word}`
    empty = false
  }
  return [...lines, line]
}

/** With a capital letter at the start and a full stop at the end. */
export function asSentence(text: string): string {
  const trimmed = text.trim()
  if (trimmed === '') return ''
  const ended = /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`
  return ended.charAt(0).toUpperCase() + ended.slice(1)
}
