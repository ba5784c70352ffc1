import type { Damage } from '../../core/facts.ts'

/** What `pg_checksums --check` found. Its exit code tells neither damage nor health. */
export interface ChecksumsReport {
  /** Whether it went through to its end. */
  readonly complete: boolean
  readonly damages: readonly Damage[]
  /** Why it did not, in its own words; empty when it did. */
  readonly refusal: string
}

const BLOCKS_PER_SEGMENT = 131_072
const FAILURE = /checksum verification failed in file "(?<path>[^"]+)", block (?<block>\d+):.*/g
const RELATION = /(?:base|global|pg_tblspc)\/.*$/
const DAMAGES_AT_MOST = 100

/** Reads its output, with `LC_ALL=C`. Blocks are told within the segment file and are turned into blocks of the relation. */
export function readChecksumsOutput(stdout: string, stderr: string): ChecksumsReport {
  const complete = stdout.includes('Checksum operation completed')
  const damages = [...stderr.matchAll(FAILURE)].flatMap(toDamage).slice(0, DAMAGES_AT_MOST)
  const refusals = stderr.split('\n').filter((line) => line.includes('error:') && !line.includes('checksum verification failed'))
  return { complete, damages, refusal: complete ? '' : (refusals.at(-1)?.trim() ?? 'it ended without a word') }
}

function toDamage(match: RegExpExecArray): readonly Damage[] {
  const path = RELATION.exec(match.groups?.['path'] ?? '')?.[0]
  if (path === undefined) return []
  const [, relationPath = path, segment = '0'] = /^(.*?)(?:\.(\d+))?$/.exec(path) ?? []
  const block = Number(segment) * BLOCKS_PER_SEGMENT + Number(match.groups?.['block'])
  return [{ kind: 'page', relationPath, block, message: match[0] }]
}
