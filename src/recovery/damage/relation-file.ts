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
