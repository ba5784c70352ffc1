import { anyOf } from './any-of.ts'

/**
 * Hints that the server gives whatever the cause, and that lose data where they are followed without knowing it: they are no
 * evidence, and nobody is to read them at night as advice.
 */
const HARMFUL = anyOf(
  /You might need to initdb\.?/,
  /This probably means that some data is corrupted and you will have to use the last backup for recovery\.?/,
  /If you are (?:not )?restoring from a backup, (?:touch|try removing)[^\n;]*?(?:options\.|backup_label"\.?|$)/,
  /Be careful: removing "[^"]*" will result in a corrupt cluster if restoring from a backup\.?/,
  /If you're sure there are no old server processes still running, remove[^\n;]*/,
  /Please remove the file by hand and try again\.?/,
)

const EVERYWHERE = new RegExp(`(?:[;,]?\\s*\\S*HINT:\\s+)?(?:${HARMFUL.source})`, 'g')

/** What a text says without such hints. */
export function withoutHarmfulAdvice(text: string): string {
  return HARMFUL.test(text) ? text.replace(EVERYWHERE, '').trimEnd() : text
}

/** Lines of a log without those that give such a hint, or go on with one. */
export function withoutHarmfulLines(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !HARMFUL.test(line))
}
