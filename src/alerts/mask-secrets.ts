const MASK = '********'

/** What follows a password's name: quoted text or a word. */
const VALUE = String.raw`('(?:[^']|'')*'?|"[^"]*"?|[^\s,;&'")]+)`

const RULES: readonly (readonly [RegExp, string])[] = [
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@/]+@/gi, `$1${MASK}@`],
  [new RegExp(String.raw`(\b\w*(?:password|passwd|pwd|secret|token)\w*\s*[=:]\s*)${VALUE}`, 'gi'), `$1${MASK}`],
  [/(\bpassword\s+)(E?'(?:[^']|'')*'?)/gi, `$1${MASK}`],
  [/SCRAM-SHA-256\$\S+/g, MASK],
  [/\bmd5[0-9a-f]{32}\b/gi, MASK],
]

/** Replaces passwords, and what looks like one, by asterisks: `password=…`, `PASSWORD '…'`, `://user:…@`, stored verifiers. */
export function maskSecrets(text: string): string {
  return RULES.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text)
}
