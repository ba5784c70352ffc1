import { parseLsn } from '../lsn.ts'

/** A record that touches a page, as `pg_waldump` tells of it. */
export interface PageRecordLine {
  readonly lsn: bigint
  /** It holds the whole page or makes it anew: nothing before it counts for the page. */
  readonly holdsPage: boolean
}

/** `RelFileNumber` and what goes before it, as records name a relation: tablespace, database, file. */
export interface RecordRelation {
  readonly tablespaceOid: number
  readonly databaseOid: number
  readonly filenode: number
}

const LINE = /^rmgr: .*\blsn: (?<lsn>[0-9A-F]+\/[0-9A-F]+), prev .*?, desc: (?<what>\S+)/

/** Reads a line of `pg_waldump`; `undefined` where it is none, or tells of other pages. */
export function readPageLine(
  line: string,
  { tablespaceOid, databaseOid, filenode }: RecordRelation,
  block: number,
): PageRecordLine | undefined {
  const groups = LINE.exec(line)?.groups
  const lsn = parseLsn(groups?.['lsn'] ?? '')
  const name = `rel ${tablespaceOid}/${databaseOid}/${filenode} blk ${block}`
  const reference = new RegExp(`blkref #(?<number>\\d+): ${name}(?<image> FPW)?(?<check> for WAL verification)?(?![\\d])`).exec(
    line,
  )?.groups
  if (lsn === undefined || reference === undefined) return undefined
  const hasImage = reference['image'] !== undefined && reference['check'] === undefined
  const makesAnew = groups?.['what']?.endsWith('+INIT') === true && reference['number'] === '0'
  return { lsn, holdsPage: hasImage || makesAnew }
}
