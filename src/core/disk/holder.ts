export const HOLDER_KINDS = [
  'replication-slot',
  'archiver',
  'wal',
  'temporary-files',
  'server-log',
  'core-files',
  'growth',
  'unowned-files',
  'reserved-blocks',
  'ballast',
] as const
export type HolderKind = (typeof HOLDER_KINDS)[number]

/** What a person may run; pgwatchd never does. */
export interface PersonCommand {
  /** `sql` is a statement for the superuser in the database `postgres`, `shell` a line of a shell. */
  readonly as: 'sql' | 'shell'
  readonly text: string
  /** What it brings and what it costs: one clause. */
  readonly remark: string
}

/** Something that holds space on one of the file systems that the server writes to. */
export interface SpaceHolder {
  readonly kind: HolderKind
  readonly device: number
  readonly bytes: number
  /** One clause: "the replication slot dead, which nobody reads, keeps 832 MB of WAL". */
  readonly sentence: string
  readonly commands: readonly PersonCommand[]
}

const AT_MOST = 8

/** Kinds of which something is worth a word however small it is: they say why the rest does not shrink. */
const ALWAYS_TOLD: readonly HolderKind[] = ['wal', 'archiver', 'reserved-blocks', 'ballast']
const WORTH_NAMING_BYTES = 64 << 20

/** What holds the space on these file systems, the most first, without what is too small to be worth a word. */
export function rankHolders(holders: readonly SpaceHolder[], devices: ReadonlySet<number>): readonly SpaceHolder[] {
  return holders
    .filter(({ device }) => devices.has(device))
    .filter(({ kind, bytes }) => bytes >= WORTH_NAMING_BYTES || ALWAYS_TOLD.includes(kind))
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, AT_MOST)
}
