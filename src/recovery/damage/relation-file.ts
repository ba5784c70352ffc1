import type { Damage } from '../../core/facts.ts'

/** Where a damaged file belongs. */
export interface RelationFile {
  /** As the server names it, without fork and segment: "base/16384/16471". */
  readonly path: string
  /** 0 for the shared catalogs in `global`. */
  readonly databaseOid: number
  /** 0 for the database's default tablespace. */
  readonly tablespaceOid: number
  readonly filenode: number
  readonly fork: 'main' | 'fsm' | 'vm' | 'init'
}

/** All that is damaged in one fork of one relation. */
export interface DamagedFile {
  readonly file: RelationFile
  readonly damages: readonly Damage[]
}

const NAME = String.raw`(?<filenode>\d+)(?:_(?<fork>fsm|vm|init))?$`
const PATTERNS = [
  new RegExp(String.raw`^base/(?<database>\d+)/${NAME}`),
  new RegExp(String.raw`^global/${NAME}`),
  new RegExp(String.raw`^pg_tblspc/(?<tablespace>\d+)/[^/]+/(?<database>\d+)/${NAME}`),
]

/** Reads a path of the server; `undefined` for one that names no relation. */
export function readRelationPath(path: string): RelationFile | undefined {
  const groups = PATTERNS.map((pattern) => pattern.exec(path)?.groups).find((found) => found !== undefined)
  if (groups === undefined) return undefined
  return {
    path: path.replace(/_(fsm|vm|init)$/, ''),
    databaseOid: Number(groups['database'] ?? 0),
    tablespaceOid: Number(groups['tablespace'] ?? 0),
    filenode: Number(groups['filenode']),
    fork: (groups['fork'] as RelationFile['fork'] | undefined) ?? 'main',
  }
}

/** Damages by file; those whose path names no relation are left out. */
export function groupByFile(damages: readonly Damage[]): readonly DamagedFile[] {
  const groups = Map.groupBy(damages, (damage) => damage.relationPath)
  return [...groups].flatMap(([path, found]) => {
    const file = readRelationPath(path)
    return file === undefined ? [] : [{ file, damages: found }]
  })
}
