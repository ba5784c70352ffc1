import type { Cluster } from '../../core/cluster.ts'
import type { Damage } from '../../core/facts.ts'
import { judgePage, PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Files } from '../../ports/files.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { proveDamages } from '../facts/prove-damages.ts'

const BLOCKS_PER_SEGMENT = 131_072
const BYTES_PER_READ = 128 * PAGE_BYTES
/** With the reads it makes 20 to 25 MB/s: a check that nobody waits for must not be felt. */
const PAUSE_MS = 40
const DAMAGES_AT_MOST = 100
const UNREADABLE_AT_MOST = 10

/** A relation's file, or one segment of it; temporary relations carry letters. */
const RELATION_FILE = /^(\d+(?:_(?:fsm|vm|init))?)(?:\.(\d+))?$/

interface Ground {
  readonly cluster: Cluster
  readonly files: Files
  readonly clock: Clock
  readonly checksumsEnabled: boolean
}

/** What reading every page of a cluster from disk came to. */
export interface FileScan {
  /** Pages that stayed damaged over several looks; at most 100, which ends the reading. */
  readonly damages: readonly Damage[]
  readonly files: number
  readonly bytes: number
  /** Files that could not be read, and why; at most 10. */
  readonly unreadable: readonly string[]
}

/** Reads every page of every relation from disk, slowly, while the server runs; changes nothing. Ends early when `signal` aborts. */
export async function scanFiles(ground: Ground, signal: AbortSignal): Promise<FileScan> {
  const damages: Damage[] = []
  const unreadable: string[] = []
  let [files, bytes] = [0, 0]
  for (const directory of await listDirectories(ground)) {
    for (const name of (await ground.files.list(`${ground.cluster.dataDirectory}/${directory}`)) ?? []) {
      if (signal.aborted || damages.length >= DAMAGES_AT_MOST) return { damages, files, bytes, unreadable }
      try {
        bytes += await scanFile(ground, directory, name, damages, signal)
        files += 1
      } catch (error) {
        if (!(error instanceof OutsideError)) throw error
        if (unreadable.length < UNREADABLE_AT_MOST) unreadable.push(error.message)
      }
    }
  }
  return { damages, files, bytes, unreadable }
}

/** Where relations lie, by path below the data directory. */
async function listDirectories({ cluster, files }: Ground): Promise<readonly string[]> {
  const below = async (directory: string, pattern: RegExp): Promise<readonly string[]> =>
    ((await files.list(`${cluster.dataDirectory}/${directory}`)) ?? [])
      .filter((name) => pattern.test(name))
      .map((name) => `${directory}/${name}`)
  const directories = ['global', ...(await below('base', /^\d+$/))]
  for (const tablespace of await below('pg_tblspc', /^\d+$/))
    for (const version of await below(tablespace, /^PG_/)) directories.push(...(await below(version, /^\d+$/)))
  return directories
}

/** Adds the file's damaged pages to `damages`; resolves to the bytes that were read. */
async function scanFile(ground: Ground, directory: string, name: string, damages: Damage[], signal: AbortSignal): Promise<number> {
  const [, relation, segment = '0'] = RELATION_FILE.exec(name) ?? []
  if (relation === undefined) return 0
  const first = Number(segment) * BLOCKS_PER_SEGMENT
  for (let offset = 0; ; offset += BYTES_PER_READ) {
    const path = `${ground.cluster.dataDirectory}/${directory}/${name}`
    const bytes = await ground.files.read(path, { maxBytes: BYTES_PER_READ, offset })
    if (bytes === undefined) return offset
    for (const block of badBlocks(bytes, first + offset / PAGE_BYTES, ground.checksumsEnabled))
      damages.push(...(await proveDamages(ground, [damageAt(`${directory}/${relation}`, block)])))
    if (bytes.length < BYTES_PER_READ || damages.length >= DAMAGES_AT_MOST || signal.aborted) return offset + bytes.length
    await ground.clock.sleep(PAUSE_MS, signal)
  }
}

function badBlocks(bytes: Uint8Array, first: number, checksumsEnabled: boolean): readonly number[] {
  return Array.from({ length: Math.floor(bytes.length / PAGE_BYTES) }, (_, index) => index)
    .filter((index) => isBad(bytes.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES), first + index, checksumsEnabled))
    .map((index) => first + index)
}

function isBad(page: Uint8Array, block: number, checksumsEnabled: boolean): boolean {
  return ['bad-checksum', 'bad-header'].includes(judgePage(page, block, checksumsEnabled))
}

function damageAt(relationPath: string, block: number): Damage {
  return {
    kind: 'page',
    relationPath,
    block,
    message: `invalid page in block ${block} of relation ${relationPath}: pgwatchd found it on disk`,
  }
}
