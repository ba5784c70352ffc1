import type { Damage } from '../facts.ts'

type Reader = (text: string) => Omit<Damage, 'message'> | undefined

/** Relations lie in these directories; temporary files do not count, they vanish by themselves. */
const RELATION = String.raw`(?<path>(?:base|global|pg_tblspc)/(?!pgsql_tmp)[^"\s;]+?)`
const AFTER_RELATION = '"?(?:;|$)'
const BLOCK = String.raw`(?<block>\d+)`

const READERS: readonly Reader[] = [
  reader('page', `invalid page in block ${BLOCK} of relation "?${RELATION}${AFTER_RELATION}`),
  reader('page', String.raw`\d+ invalid pages among blocks \d+\.\.\d+ of relation "?` + RELATION + AFTER_RELATION),
  reader('missing-file', `could not open file "${RELATION}"(?: \\(target block ${BLOCK}\\))?: No such file or directory`),
  reader('short-file', `could not read blocks? ${BLOCK}(?:\\.\\.\\d+)? in file "${RELATION}": read only \\d+ of \\d+ bytes`),
  reader('lost-value', String.raw`(?:missing|unexpected) chunk (?:number|size) .*for toast value (?<block>\d+) in (?<path>pg_toast_\d+)$`),
  reader('index', `index "(?<path>[^"]+)" contains (?:unexpected zero|corrupted) page at block ${BLOCK}`),
  reader('index', 'failed to re-find parent key in index "(?<path>[^"]+)"'),
  reader('index', `left link changed unexpectedly in block ${BLOCK} of index "(?<path>[^"]+)"`),
  reader('index', 'right sibling\'s left-link doesn\'t match.* in index "(?<path>[^"]+)"'),
]

/** The damage that a message of the server names; `undefined` when it names none. Files are told without their segment. */
export function readDamage(text: string): Damage | undefined {
  for (const read of READERS) {
    const found = read(text)
    if (found !== undefined) return { ...found, message: text }
  }
  return undefined
}

function reader(kind: Damage['kind'], source: string): Reader {
  const pattern = new RegExp(`^${source}`)
  return (text) => {
    const groups = pattern.exec(text)?.groups
    if (groups?.['path'] === undefined) return undefined
    const relationPath = kind === 'index' || kind === 'lost-value' ? groups['path'] : groups['path'].replace(/\.\d+$/, '')
    return { kind, relationPath, block: Number(groups['block'] ?? -1) }
  }
}
