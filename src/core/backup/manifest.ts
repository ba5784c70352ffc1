export const BACKUP_KINDS = ['logical', 'physical', 'pgbackrest'] as const
export type BackupKind = (typeof BACKUP_KINDS)[number]

/** One file of a backup, by its path below the backup's folder. */
export interface BackupFile {
  readonly path: string
  readonly sizeBytes: number
  /** In lower-case hexadecimal. */
  readonly sha256: string
}

/** What one database held when the backup was made. */
export interface DatabaseContents {
  readonly name: string
  /** Tables and materialized views, without those of the system. */
  readonly tables: number
  /** Rows by "schema.table"; the largest tables first, bounded. */
  readonly rows: Readonly<Record<string, number>>
  /** `exact`: counted in the snapshot of the backup; `estimated`: the planner's `reltuples`. */
  readonly rowsAre: 'exact' | 'estimated'
}

/** What a backup is; written last, so that a folder without one is none. */
export interface Manifest {
  readonly version: 1
  /** `20261125T060000Z-15-main-physical-3f2a`: sorts by time. */
  readonly id: string
  readonly kind: BackupKind
  readonly cluster: string
  readonly startedWallMs: number
  readonly endedWallMs: number
  /** 64-bit, in decimal. */
  readonly systemIdentifier: string
  /** "0/17414F8": what was committed before the first is in the backup; the second is empty where the kind has none. */
  readonly startLsn: string
  readonly stopLsn: string
  readonly timeline: number
  /** "15.18". */
  readonly serverVersion: string
  /** Run-time settings that a server needs to come to life on this backup: preloaded libraries, sizes of shared tables. */
  readonly settings: Readonly<Record<string, string>>
  /** Version of each program that took part. */
  readonly tools: Readonly<Record<string, string>>
  /** The backup that an incremental one builds on; `null` for a whole one. */
  readonly base: string | null
  readonly contents: readonly DatabaseContents[]
  readonly sizeBytes: number
  readonly files: readonly BackupFile[]
}

/** What is known of a backup since: kept beside its manifest, which never changes. */
export interface BackupStanding {
  /** Every byte was read and fits the manifest. */
  readonly verified?: Proof
  /** It was restored and the result compared with the manifest. */
  readonly drilled?: Proof
}

export interface Proof {
  readonly ok: boolean
  readonly wallMs: number
  readonly tookMs: number
  /** One plain sentence. */
  readonly detail: string
}

export type ParsedManifest = { readonly ok: true; readonly manifest: Manifest } | { readonly ok: false; readonly why: string }

/** Reads `manifest.json`; anything that is not whole is refused with the reason. */
export function parseManifest(text: string): ParsedManifest {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null) return { ok: false, why: 'manifest.json is no JSON object' }
  if (!('version' in value) || value.version !== 1) return { ok: false, why: 'manifest.json is of an unknown version' }
  const wrong = FIELDS.find(([name, accepts]) => !accepts((value as Readonly<Record<string, unknown>>)[name]))
  if (wrong !== undefined) return { ok: false, why: `manifest.json has no usable ${wrong[0]}` }
  return { ok: true, manifest: value as unknown as Manifest }
}

const isText = (value: unknown): boolean => typeof value === 'string' && value !== ''
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)

const FIELDS: readonly (readonly [keyof Manifest, (value: unknown) => boolean])[] = [
  ['id', (value) => typeof value === 'string' && isBackupId(value)],
  ['kind', (value) => BACKUP_KINDS.some((kind) => kind === value)],
  ['cluster', isText],
  ['startedWallMs', isNumber],
  ['endedWallMs', isNumber],
  ['systemIdentifier', (value) => typeof value === 'string' && /^\d{1,20}$/.test(value)],
  ['startLsn', (value) => typeof value === 'string'],
  ['stopLsn', (value) => typeof value === 'string'],
  ['timeline', isNumber],
  ['serverVersion', isText],
  ['settings', (value) => typeof value === 'object' && value !== null],
  ['tools', (value) => typeof value === 'object' && value !== null],
  ['base', (value) => value === null || (typeof value === 'string' && isBackupId(value))],
  ['sizeBytes', isNumber],
  ['contents', (value) => Array.isArray(value) && value.every(isContents)],
  ['files', (value) => Array.isArray(value) && value.every(isFile)],
]

function isContents(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { name, tables, rows } = value as Partial<DatabaseContents>
  return isText(name) && isNumber(tables) && typeof rows === 'object' && Object.values(rows).every(isNumber)
}

/** A path that leads out of the backup's folder is none of its files. */
function isFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { path, sizeBytes, sha256 } = value as Partial<BackupFile>
  if (typeof path !== 'string' || path === '' || path.startsWith('/') || path.split('/').includes('..')) return false
  return isNumber(sizeBytes) && typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `20261125T060000Z-15-main-physical-3f2a` */
export function isBackupId(text: string): boolean {
  return /^\d{8}T\d{6}Z-[A-Za-z0-9._-]+-(?:logical|physical|pgbackrest)-[0-9a-f]{4,16}$/.test(text)
}

export function backupIdFor(cluster: string, kind: BackupKind, wallMs: number, suffix: string): string {
  const stamp = new Date(wallMs).toISOString().replaceAll(/[-:]|\.\d+/g, '')
  return `${stamp}-${cluster}-${kind}-${suffix}`
}
