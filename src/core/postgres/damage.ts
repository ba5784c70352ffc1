import type { Damage } from '../facts.ts'

type Reader = (text: string) => Omit<Damage, 'message'> | undefined

/** Relations lie in these directories; temporary files do not count, they vanish by themselves. */
const RELATION = String.raw`((?:base|global|pg_tblspc)/(?!pgsql_tmp)[^"\s;]+?)`

const READERS: readonly Reader[] = [
  reader(new RegExp(`^invalid page in block (?<block>\\d+) of relation "?${RELATION.replace('(', '(?<path>')}"?(?:;|$)`), 'page'),
  reader(new RegExp(`^\\d+ invalid pages among blocks \\d+\\.\\.\\d+ of relation "?${RELATION.replace('(', '(?<path>')}"?(?:;|$)`), 'page'),
  reader(
    new RegExp(`^could not open file "${RELATION.replace('(', '(?<path>')}"(?: \\(target block (?<block>\\d+)\\))?: No such file or directory`),
    'missing-file',
  ),
  reader(
    new RegExp(`^could not read blocks? (?<block>\\d+)(?:\\.\\.\\d+)? in file "${RELATION.replace('(', '(?<path>')}": read only \\d+ of \\d+ bytes`),
    'short-file',
  ),
  reader(/^index "(?<path>[^"]+)" contains (?:unexpected zero|corrupted) page at block (?<block>\d+)/, 'index'),
  reader(/^(?:failed to re-find parent key|left link changed unexpectedly in block (?<block>\d+)|right sibling's left-link doesn't match.*) (?:in|of) index "(?<path>[^"]+)"/, 'index'),
]

/** The damage that a message of the server names; `undefined` when it names none. Files are told without their segment. */
export function readDamage(text: string): Damage | undefined {
  for (const read of READERS) {
    const found = read(text)
    if (found !== undefined) return { ...found, message: text }
  }
  return undefined
}

function reader(pattern: RegExp, kind: Damage['kind']): Reader {
  return (text) => {
    const groups = pattern.exec(text)?.groups
    if (groups?.['path'] === undefined) return undefined
    const relationPath = kind === 'index' ? groups['path'] : groups['path'].replace(/\.\d+$/, '')
    return { kind, relationPath, block: Number(groups['block'] ?? -1) }
  }
}
