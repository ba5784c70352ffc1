import type { Outside } from '../../ports/outside.ts'
import { createQuestioner } from './ask.ts'
import { readDatabaseSizes } from './database-sizes.ts'
import { addSample } from './growth-memory.ts'
import type { GrowthMemory } from './growth-memory.ts'

/** Remembers how large the databases are now. Never rejects for what the outside does. */
export async function sampleSizes(outside: Outside, memory: GrowthMemory, signal: AbortSignal): Promise<void> {
  const questioner = createQuestioner(outside, signal)
  try {
    const sizes = await readDatabaseSizes(questioner)
    if (sizes === undefined) return
    const databases = new Map(sizes.map(({ name, bytes }) => [name, bytes]))
    addSample(memory, { monotonicMs: outside.clock.monotonicMs(), databases, tables: new Map() })
  } finally {
    await questioner.close()
  }
}
