import { NO_HISTORY } from '../core/disk/forecast.ts'
import type { UseHistory, UseSample } from '../core/disk/forecast.ts'
import { elapsedMs } from '../core/instant.ts'
import type { Instant } from '../core/instant.ts'
import type { Clock } from '../ports/clock.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { instantOf } from './instant-of.ts'
import type { SlotFile } from './slot-file.ts'

/** How the use of one cluster's file systems went, by the path that each is known by; survives restarts and reboots. */
export interface UseLog {
  /** Reads what an earlier run knew. Never rejects: without it the forecast begins anew. */
  load(): Promise<void>
  of(path: string): UseHistory
  /** Saves when the day's history has grown, which is every quarter of an hour. Never rejects. */
  put(histories: ReadonlyMap<string, UseHistory>): Promise<void>
}

/** What is on disk: milliseconds before `savedAt` and kilobytes, of the day's history only. */
interface Saved {
  readonly version: 1
  readonly savedAt: Instant
  readonly uses: Readonly<Record<string, readonly (readonly [number, number])[]>>
}

export function createUseLog(slots: SlotFile, clock: Clock): UseLog {
  let histories: ReadonlyMap<string, UseHistory> = new Map()
  return {
    async load() {
      const saved = await unlessUnavailable(async () => parse(await slots.load()))
      if (saved !== undefined) histories = revive(saved, instantOf(clock))
    },
    of: (path) => histories.get(path) ?? NO_HISTORY,
    async put(next) {
      const hasGrown = [...next].some(([path, { coarse }]) => coarse.at(-1)?.atMs !== histories.get(path)?.coarse.at(-1)?.atMs)
      histories = next
      if (hasGrown) await unlessUnavailable(() => slots.save(JSON.stringify(preserve(next, instantOf(clock)))))
    },
  }
}

function preserve(histories: ReadonlyMap<string, UseHistory>, savedAt: Instant): Saved {
  const short = ({ atMs, usedBytes }: UseSample) => [Math.round(savedAt.monotonicMs - atMs), Math.round(usedBytes / 1024)] as const
  return { version: 1, savedAt, uses: Object.fromEntries([...histories].map(([path, { coarse }]) => [path, coarse.map(short)])) }
}

/** The monotonic clock begins anew with each boot: what was before has negative times. */
function revive({ savedAt, uses }: Saved, now: Instant): ReadonlyMap<string, UseHistory> {
  const savedMs = now.monotonicMs - elapsedMs(savedAt, now)
  const long = ([beforeMs, usedKb]: readonly [number, number]): UseSample => ({ atMs: savedMs - beforeMs, usedBytes: usedKb * 1024 })
  return new Map(Object.entries(uses).map(([path, samples]) => [path, { fine: [], coarse: samples.map(long) }]))
}

function parse(text: string | undefined): Saved | undefined {
  try {
    const value = JSON.parse(text ?? 'null') as Saved | null
    return value?.version === 1 && Object.values(value.uses).every(isListOfPairs) ? value : undefined
  } catch {
    return undefined
  }
}

function isListOfPairs(value: unknown): boolean {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(Number.isFinite))
}

async function unlessUnavailable<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof OutsideError) return undefined
    throw error
  }
}
