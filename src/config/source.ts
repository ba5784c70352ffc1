import { LineCounter, isAlias, parseDocument } from 'yaml'
import type { Document, Node, YAMLError } from 'yaml'
import type { ConfigProblem } from './config.ts'
import { describeSyntaxError } from './syntax.ts'

/** Far above any real file, and small enough to be parsed at once. */
const LONGEST_FILE = 64 * 1024

/** Beyond this many mistakes the rest says nothing new. */
const MOST_PROBLEMS = 100

/** Each use of an anchor searches the document; nobody needs more. */
const MOST_ALIASES = 100

/** A file while it is read: where things are, and what is wrong with them. Offsets count characters from 0. */
export interface Source {
  /** The top of the document; `undefined` when the file is empty or could not be parsed. */
  readonly root: Node | undefined
  /** Records a mistake. */
  fail(offset: number, message: string): void
  /** Records what is allowed and yet worth a word. */
  warn(offset: number, message: string): void
  /** True once there are so many mistakes that further ones are dropped. */
  isFull(): boolean
  /** Follows an alias to its anchor; `undefined` (and a mistake) when there is none. */
  follow(node: Node): Node | undefined
  /** Mistakes so far, in the order of the file. */
  problems(): readonly ConfigProblem[]
  warnings(): readonly ConfigProblem[]
}

/** Parses `text`; what YAML itself dislikes is among the problems. Never throws. */
export function openSource(text: string, file: string): Source {
  const lines = new LineCounter()
  const failures = collect(file, lines)
  const cautions = collect(file, lines)
  const tooLong = text.length > LONGEST_FILE
  const document = tooLong ? undefined : parseText(text.replace(/^\uFEFF/, ''), lines)
  if (tooLong) failures.add(0, `the file has more than ${LONGEST_FILE} characters`)
  else if (document === undefined) failures.add(0, describeSyntaxError('RESOURCE_EXHAUSTION'))
  const errors = firstOfEachPlace([...(document?.errors ?? []), ...(document?.warnings ?? [])])
  for (const error of errors) failures.add(error.pos[0], describeSyntaxError(error.code))
  return {
    root: failures.list().length > 0 ? undefined : (document?.contents ?? undefined),
    fail: failures.add,
    warn: cautions.add,
    isFull: failures.isFull,
    follow: followWith(document, failures.add),
    problems: failures.list,
    warnings: cautions.list,
  }
}

/** `undefined` when the nesting is too deep for the stack. */
function parseText(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  try {
    return parseDocument(text, { lineCounter, stringKeys: true, uniqueKeys: false, prettyErrors: false })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** One slip often makes the parser complain twice at one place; the first complaint is the better one. */
function firstOfEachPlace(errors: readonly YAMLError[]): readonly YAMLError[] {
  const seen = new Set<number>()
  return errors.filter(({ pos }) => !seen.has(pos[0]) && seen.add(pos[0]))
}

function followWith(document: Document.Parsed | undefined, fail: Source['fail']): Source['follow'] {
  let used = 0
  return (node) => {
    if (!isAlias(node)) return node
    used += 1
    const tooMany = used > MOST_ALIASES
    const target = tooMany || document === undefined ? undefined : node.resolve(document)
    if (target === undefined) fail(offsetOf(node), tooMany ? `more than ${MOST_ALIASES} aliases` : 'no anchor has the name of this alias')
    return target
  }
}

/** Where a node begins; 0 for one that was made up. */
export function offsetOf(node: Node | null | undefined): number {
  return node?.range?.[0] ?? 0
}

interface Collection {
  readonly add: (offset: number, message: string) => void
  readonly isFull: () => boolean
  /** In the order of the file. */
  readonly list: () => readonly ConfigProblem[]
}

function collect(file: string, lines: LineCounter): Collection {
  const found = new Map<string, { offset: number; message: string }>()
  return {
    add: (offset, message) => {
      if (found.size < MOST_PROBLEMS) found.set(`${offset} ${message}`, { offset, message })
    },
    isFull: () => found.size >= MOST_PROBLEMS,
    list: () =>
      [...found.values()]
        .sort((a, b) => a.offset - b.offset)
        .map(({ offset, message }) => {
          const { line, col } = lines.linePos(offset)
          return { file, line: Math.max(1, line), column: Math.max(1, col), message }
        }),
  }
}
