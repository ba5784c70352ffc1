/** How large databases and tables were at one moment. */
export interface SizeSample {
  readonly monotonicMs: number
  /** Bytes by database. */
  readonly databases: ReadonlyMap<string, number>
  /** Bytes by "table in database", of the largest tables of the database that mattered then. */
  readonly tables: ReadonlyMap<string, number>
}

/** The samples of one cluster, oldest first; bounded, lost on restart. */
export interface GrowthMemory {
  samples: readonly SizeSample[]
}

const SAMPLES_AT_MOST = 12
/** What has grown is best told over a stretch that is neither a moment nor a day. */
const STRETCH_MS = 600_000

export function createGrowthMemory(): GrowthMemory {
  return { samples: [] }
}

export function addSample(memory: GrowthMemory, sample: SizeSample): void {
  memory.samples = [...memory.samples, sample].slice(-SAMPLES_AT_MOST)
}

/** The youngest sample that is old enough to compare with, or else the oldest; `undefined` when there is none. */
export function findBaseline({ samples }: GrowthMemory, nowMs: number): SizeSample | undefined {
  return samples.findLast(({ monotonicMs }) => nowMs - monotonicMs >= STRETCH_MS) ?? samples[0]
}
