import type { ErrorCode } from 'yaml'

/**
 * YAML's mistakes in plain words. The parser's own messages are not used: some of them quote the file, and with it
 * perhaps a password.
 */
const SENTENCES: Readonly<Partial<Record<ErrorCode, string>>> = {
  BAD_DQ_ESCAPE: 'a backslash in double quotes begins an escape sequence, and this is none; use single quotes',
  BAD_INDENT: 'wrong indentation, or a bracket that is not closed',
  BAD_SCALAR_START: 'a value that begins with @, ` or % needs quotes',
  BLOCK_AS_IMPLICIT_KEY: 'a second ": " on one line; a value with a colon and a blank needs quotes',
  BLOCK_IN_FLOW: 'a list or section cannot be indented inside of brackets',
  KEY_OVER_1024_CHARS: 'a key of more than 1024 characters; is a ":" missing?',
  MISSING_CHAR: 'a quote, bracket, comma or colon is missing',
  MULTILINE_IMPLICIT_KEY: 'a key must stand on one line; is a ":" missing?',
  MULTIPLE_DOCS: 'a second document ("---"); there must be only one',
  NON_STRING_KEY: 'a key must be a plain word',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAB_AS_INDENT: 'a tab in the indentation; YAML allows blanks only',
  TAG_RESOLVE_FAILED: 'a tag ("!…") that is not known; tags are not needed here',
  UNEXPECTED_TOKEN: 'something that does not belong here; is a ":" or a quote missing, or the indentation wrong?',
}

/** "not valid YAML: a tab in the indentation; …" */
export function describeSyntaxError(code: ErrorCode): string {
  return `not valid YAML: ${SENTENCES[code] ?? 'check indentation, quotes and brackets'}`
}
