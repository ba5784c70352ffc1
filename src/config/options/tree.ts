import type { Option, OptionTable } from './option.ts'

/** One key below a section: an option, or a section of its own. */
export interface Child {
  /** The last part of the path. */
  readonly key: string
  readonly path: string
  /** `undefined` for a section. */
  readonly option: Option | undefined
}

/** The keys directly below `section` ("" for the top), in the order of the table. */
export function childrenOf(table: OptionTable, section: string): readonly Child[] {
  const prefix = section === '' ? '' : `${section}.`
  const children = new Map<string, Child>()
  for (const [path, option] of Object.entries(table)) {
    if (!path.startsWith(prefix)) continue
    const key = path.slice(prefix.length).split('.')[0] ?? ''
    const childPath = prefix + key
    if (!children.has(key)) children.set(key, { key, path: childPath, option: childPath === path ? option : undefined })
  }
  return [...children.values()]
}

/** `probes.disk.warn` → `probes.disk`; a top-level key → "". */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('.')))
}
