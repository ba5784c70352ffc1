import { posix } from 'node:path'
import type { Files } from '../ports/files.ts'

/** PostgreSQL's own limit of nested includes. */
const DEEPEST_INCLUDE = 10
const MOST_FILES = 200
const LONGEST_FILE = 1024 * 1024

/** Settings by lower-case name; of several lines the last one counts. */
export type Settings = ReadonlyMap<string, string>

interface Line {
  readonly name: string
  readonly value: string
}

/** `name = 'value'`, `name value`, with a comment behind it, as in guc-file.l. */
const LINE = /^\s*([A-Za-z_][A-Za-z0-9_.$]*)(?:\s*=\s*|\s+|(?='))('(?:[^'\\]|\\.|'')*'|[^\s#'=]+)\s*(?:#.*)?$/

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' }

/**
 * Reads a postgresql.conf with everything that it includes; `undefined` when it does not exist. Lines that are not
 * understood, and included files that are missing, are passed over: judging them is the server's business.
 * Rejects with `OutsideError` when the file itself cannot be read.
 */
export async function readPostgresqlConf(files: Files, path: string): Promise<Settings | undefined> {
  const text = await files.readText(path, { maxBytes: LONGEST_FILE })
  if (text === undefined) return undefined
  const settings = new Map<string, string>()
  await apply(text, path, { files, settings, depth: 0, budget: { left: MOST_FILES } })
  return settings
}

/** PostgreSQL's words for true: `on`, `true`, `yes`, `1`, and their unique beginnings. */
export function isOn(value: string | undefined): boolean {
  return /^(on|1|t(r(u(e)?)?)?|y(e(s)?)?)$/i.test(value ?? '')
}

/** The first directory of `unix_socket_directories`; "" when the server has no socket. */
export function firstDirectory(list: string): string {
  const first = /^\s*(?:"((?:[^"]|"")*)"|([^,]*))/.exec(list)
  return (first?.[1]?.replaceAll('""', '"') ?? first?.[2] ?? '').trim()
}

interface Inclusion {
  readonly files: Files
  readonly settings: Map<string, string>
  readonly depth: number
  readonly budget: { left: number }
}

async function apply(text: string, path: string, inclusion: Inclusion): Promise<void> {
  for (const { name, value } of parseLines(text)) {
    if (name === 'include' || name === 'include_if_exists') await include(beside(path, value), inclusion)
    else if (name === 'include_dir') await includeDirectory(beside(path, value), inclusion)
    else inclusion.settings.set(name, value)
  }
}

async function include(path: string, inclusion: Inclusion): Promise<void> {
  if (inclusion.depth >= DEEPEST_INCLUDE || inclusion.budget.left <= 0) return
  inclusion.budget.left -= 1
  const text = await inclusion.files.readText(path, { maxBytes: LONGEST_FILE })
  if (text !== undefined) await apply(text, path, { ...inclusion, depth: inclusion.depth + 1 })
}

/** Only names that end in `.conf` and do not begin with a dot, in the order of their bytes. */
async function includeDirectory(path: string, inclusion: Inclusion): Promise<void> {
  const names = (await inclusion.files.list(path)) ?? []
  for (const name of names.filter((each) => each.endsWith('.conf') && !each.startsWith('.')).sort()) {
    await include(posix.join(path, name), inclusion)
  }
}

function beside(path: string, name: string): string {
  return posix.resolve(posix.dirname(path), name)
}

function parseLines(text: string): readonly Line[] {
  return text.split(/\r?\n/).flatMap((line) => {
    const [, name, value] = LINE.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [{ name: name.toLowerCase(), value: unquote(value) }]
  })
}

function unquote(value: string): string {
  if (!value.startsWith("'")) return value
  return value.slice(1, -1).replace(/''|\\([0-7]{1,3}|.)/g, (whole, escaped: string | undefined) => {
    if (escaped === undefined) return whole.slice(1)
    return /^[0-7]/.test(escaped) ? String.fromCharCode(Number.parseInt(escaped, 8)) : (ESCAPES[escaped] ?? escaped)
  })
}
