import type { Cluster } from '../../core/cluster.ts'
import type { ControlFile, Damage } from '../../core/facts.ts'
import type { Outside } from '../../ports/outside.ts'
import { unlessUnavailable } from './bounded.ts'
import { proveDamages } from './prove-damages.ts'

const DOUBTS_AT_MOST = 100

/** Suspicions that were told to be unproved, so that each is told once. */
export interface DamagesMemory {
  /** What the last look proved: what a repair may work on. */
  proved: readonly Damage[]
  doubted: Set<string>
}

interface Ground {
  readonly cluster: Cluster
  readonly outside: Outside
  readonly memory: DamagesMemory
  readonly controlFile: ControlFile | undefined
}

/** Those of the damages named by the log that the disk shows. The others are told to the journal once, and dropped. */
export async function lookAtDamages(ground: Ground, suspicions: readonly Damage[], signal?: AbortSignal): Promise<readonly Damage[]> {
  ground.memory.proved = []
  if (suspicions.length === 0) return []
  const { cluster, outside, controlFile } = ground
  const { files, clock } = outside
  const question = { cluster, files, clock, checksumsEnabled: controlFile?.checksumsEnabled === true }
  const proved = await unlessUnavailable(clock, signal, () => proveDamages(question, suspicions))
  if (proved === undefined) return []
  tellDoubts(
    ground,
    suspicions.filter((damage) => !proved.includes(damage)),
  )
  ground.memory.proved = proved
  return proved
}

function tellDoubts({ cluster, outside, memory }: Ground, doubtful: readonly Damage[]): void {
  for (const { message } of doubtful) {
    if (memory.doubted.has(message) || memory.doubted.size >= DOUBTS_AT_MOST) continue
    memory.doubted.add(message)
    const text = `${cluster.name}: the server's log names damage that the disk does not show, so nothing is done: ${message}`
    outside.log.write({ level: 'info', event: 'damage-unproved', message: text, cluster: cluster.name })
  }
}
