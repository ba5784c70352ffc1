const MASK = '********'

/** What follows a password's name: quoted text or a word. */
const VALUE = String.raw`('(?:[^']|'')*'?|"[^"]*"?|[^\s,;&'")]+)`

const RULES: readonly (readonly [RegExp, string])[] = [
  [/(:\/\/[^\s:/@]{0,100}:)[^\s@/]{1,200}@/g, `$1${MASK}@`],
  [new RegExp(String.raw`((?:password|passwd|pwd|secret|token)\w{0,40}\s{0,5}[=:]\s{0,5})${VALUE}`, 'gi'), `$1${MASK}`],
  [/(\bpassword\s{1,5})(E?'(?:[^']|'')*'?)/gi, `$1${MASK}`],
  [/SCRAM-SHA-256\$\S+/g, MASK],
  [/\bmd5[0-9a-f]{32}\b/gi, MASK],
]

/** Replaces passwords, and what looks like one, by asterisks: `password=…`, `PASSWORD '…'`, `://user:…@`, stored verifiers. */
export function maskSecrets(text: string): string {
  return RULES.reduce((masked, [pattern, replacement]) => masked.replace(pattern, replacement), text)
}
