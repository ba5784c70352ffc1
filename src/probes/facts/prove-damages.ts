import type { Cluster } from '../../core/cluster.ts'
import type { Damage } from '../../core/facts.ts'
import { judgePage, PAGE_BYTES } from '../../core/postgres/page-checksum.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Files } from '../../ports/files.ts'

/** The only places of relations; a path that leads elsewhere is nobody's damage. */
const RELATION = /^(?:base\/\d+|global|pg_tblspc\/\d+\/PG_[0-9_]+\/\d+)\/\d+(?:_(?:fsm|vm|init))?$/

const BLOCKS_PER_SEGMENT = 131_072
const BLOCKS_AT_MOST = 256
/** A page that the server writes this moment looks torn: it is damaged when it stays so. */
const LOOKS = 3
const LOOK_AGAIN_AFTER_MS = 30

interface Ground {
  readonly cluster: Cluster
  readonly files: Files
  readonly clock: Clock
  /** Without checksums only the header tells. */
  readonly checksumsEnabled: boolean
}

/**
 * Those of the damages named by the log that the disk shows: any user may write such a line. What pgwatchd has proved by other ways
 * stands; what is named without its file does not. Rejects with `OutsideError`.
 */
export async function proveDamages(ground: Ground, suspicions: readonly Damage[]): Promise<readonly Damage[]> {
  const stands = suspicions.filter(({ proved }) => proved === true)
  let left = suspicions.filter((damage) => !stands.includes(damage) && RELATION.test(damage.relationPath))
  for (let look = 0; look < LOOKS && left.length > 0; look += 1) {
    if (look > 0) await ground.clock.sleep(LOOK_AGAIN_AFTER_MS)
    const shown = await Promise.all(left.map((damage) => isShown(ground, damage)))
    left = left.filter((_, index) => shown[index])
  }
  return [...stands, ...left]
}

async function isShown(ground: Ground, damage: Damage): Promise<boolean> {
  if (damage.kind === 'page') return isPageDamaged(ground, damage)
  const status = await ground.files.status(pathOf(ground, damage, Math.max(damage.block, 0)))
  if (damage.kind === 'missing-file') return status === undefined && (await hasDatabase(ground, damage))
  if (status === undefined || damage.block < 0) return false
  const isLast = (await ground.files.status(pathOf(ground, damage, damage.block + BLOCKS_PER_SEGMENT))) === undefined
  const endsEarly = status.sizeBytes < offsetOf(damage.block) + PAGE_BYTES
  return endsEarly && (!isLast || status.sizeBytes % PAGE_BYTES !== 0)
}

async function isPageDamaged(ground: Ground, damage: Damage): Promise<boolean> {
  const [first, last] = blocksOf(damage)
  for (let block = first; block <= last; block += 1) {
    const path = pathOf(ground, damage, block)
    const bytes = await ground.files.read(path, { maxBytes: PAGE_BYTES, offset: offsetOf(block) })
    if (bytes === undefined || bytes.length < PAGE_BYTES) return false
    if (['bad-checksum', 'bad-header'].includes(judgePage(bytes, block, ground.checksumsEnabled))) return true
  }
  return false
}

/** PostgreSQL 18 tells of several pages by the range that it read. */
function blocksOf({ block, message }: Damage): readonly [first: number, last: number] {
  if (block >= 0) return [block, block]
  const [, first, last] = /among blocks (\d+)\.\.(\d+)/.exec(message) ?? []
  if (first === undefined || last === undefined) return [0, -1]
  return [Number(first), Math.min(Number(last), Number(first) + BLOCKS_AT_MOST - 1)]
}

/** A database that was dropped has taken its files along. */
async function hasDatabase({ cluster, files }: Ground, { relationPath }: Damage): Promise<boolean> {
  const directory = relationPath.slice(0, relationPath.lastIndexOf('/'))
  return (await files.status(`${cluster.dataDirectory}/${directory}/PG_VERSION`)) !== undefined || directory === 'global'
}

function pathOf({ cluster }: Ground, { relationPath }: Damage, block: number): string {
  const segment = Math.floor(block / BLOCKS_PER_SEGMENT)
  return `${cluster.dataDirectory}/${relationPath}${segment === 0 ? '' : `.${segment}`}`
}

function offsetOf(block: number): number {
  return (block % BLOCKS_PER_SEGMENT) * PAGE_BYTES
}
