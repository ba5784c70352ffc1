import type { Cluster } from '../../core/cluster.ts'
import { rankHolders } from '../../core/disk/holder.ts'
import type { SpaceHolder } from '../../core/disk/holder.ts'
import type { ControlFile } from '../../core/facts.ts'
import type { Outside } from '../../ports/outside.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import { readControlFile } from '../facts/control-file.ts'
import { createQuestioner } from './ask.ts'
import { readDatabaseSizes } from './database-sizes.ts'
import type { GrowthMemory } from './growth-memory.ts'
import { HOLDER_QUESTIONS } from './holders/index.ts'
import type { HeldPlace, HolderGround, HolderQuestion } from './holders/question.ts'
import { findPlaces } from './places.ts'

/** A person waits for it, and so does a tick. */
const DEADLINE_MS = 6_000

export interface HoldersInput {
  readonly cluster: Cluster
  readonly outside: Outside
  readonly growth: GrowthMemory
  /** Only what is on one of these file systems; absent: on all. */
  readonly devices?: ReadonlySet<number>
}

/**
 * Who holds the space, the most first, each on the file system that it really lies on. Answers with what was found within 6 s,
 * whether the server runs or not. Never rejects for what the outside does.
 */
export async function findHolders(input: HoldersInput, signal: AbortSignal): Promise<readonly SpaceHolder[]> {
  const found: SpaceHolder[] = []
  await input.outside.clock.withDeadline(DEADLINE_MS, signal, (deadline) => askAll(input, found, deadline))
  return rankHolders(found, input.devices ?? new Set(found.map(({ device }) => device)))
}

async function askAll(input: HoldersInput, found: SpaceHolder[], signal: AbortSignal): Promise<void> {
  const questioner = createQuestioner(input.outside, signal)
  try {
    const ground: HolderGround = {
      ...input,
      places: (await orNothing(() => locatePlaces(input))) ?? [],
      controlFile: await orNothing(() => readControl(input)),
      questioner,
      databases: once(async () => (await readDatabaseSizes(questioner)) ?? []),
    }
    for (const question of HOLDER_QUESTIONS) if (!signal.aborted) found.push(...(await askOne(question, ground, signal)))
  } finally {
    await questioner.close()
  }
}

/** What cannot be looked at hides nothing else. */
async function askOne(question: HolderQuestion, ground: HolderGround, signal: AbortSignal): Promise<readonly SpaceHolder[]> {
  return (await orNothing(() => question.ask(ground, signal))) ?? []
}

async function locatePlaces({ cluster, outside: { files } }: HoldersInput): Promise<readonly HeldPlace[]> {
  const places: HeldPlace[] = []
  for (const place of await findPlaces(cluster, files)) {
    const use = await orNothing(() => files.volume(place.path))
    if (use !== undefined) places.push({ ...place, device: use.device })
  }
  return places
}

async function readControl({ cluster, outside }: HoldersInput): Promise<ControlFile | undefined> {
  const reading = await readControlFile(cluster, outside)
  return reading?.ok ? reading.controlFile : undefined
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  return () => (asked ??= ask())
}

async function orNothing<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof OutsideError) return undefined
    throw error
  }
}
