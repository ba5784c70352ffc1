/** How much of a file system was used at one moment, pgwatchd's own ballast not counted. */
export interface UseSample {
  /** Monotonic; negative for a moment before this boot. */
  readonly atMs: number
  readonly usedBytes: number
}

/** The use of one file system over the last half hour, minute by minute, and over the last day. Bounded. */
export interface UseHistory {
  readonly fine: readonly UseSample[]
  readonly coarse: readonly UseSample[]
}

/** When a file system is full if it goes on as it did. */
export interface Forecast {
  readonly fullInMs: number
  readonly bytesPerHour: number
  /** How long it was looked at for this. */
  readonly overMs: number
}

export const NO_HISTORY: UseHistory = { fine: [], coarse: [] }

const FINE = { everyMs: 60_000, atMost: 30, atLeast: 10 }
const COARSE = { everyMs: 900_000, atMost: 96, atLeast: 8 }
/** Timers are a little early or late. */
const SLACK_MS = 5_000
/** Who frees this much at once has made room: what was before tells nothing of what comes. */
const CLEARANCE_RATIO = 0.05
/** Nothing is foretold further ahead than this many times the stretch that was looked at. */
const AHEAD = 4
/** Of all pairs of samples at least this many must rise: a queue, a checkpoint or a rotated log goes up and down. */
const RISING_RATIO = 0.75
const SMALLEST_RISE_BYTES = 32 << 20
const SMALLEST_RISE_RATIO = 0.005
const HOUR_MS = 3_600_000

/** The history with one more sample, where it is time for one. */
export function addUse(history: UseHistory, sample: UseSample, totalBytes: number): UseHistory {
  const last = history.fine.at(-1) ?? history.coarse.at(-1)
  const isCleared = last !== undefined && last.usedBytes - sample.usedBytes > totalBytes * CLEARANCE_RATIO
  const { fine, coarse } = isCleared ? NO_HISTORY : history
  return { fine: keep(fine, sample, FINE), coarse: keep(coarse, sample, COARSE) }
}

function keep(samples: readonly UseSample[], sample: UseSample, { everyMs, atMost }: typeof FINE): readonly UseSample[] {
  const last = samples.at(-1)
  if (last !== undefined && sample.atMs - last.atMs < everyMs - SLACK_MS) return samples
  return [...samples, sample].slice(-atMost)
}

/** The soonest that either stretch foretells; `undefined` when nothing steady is to be seen, or only far away. */
export function foretell(
  history: UseHistory,
  room: { readonly availableBytes: number; readonly totalBytes: number },
): Forecast | undefined {
  const forecasts = [foretellFrom(history.fine, FINE.atLeast, room), foretellFrom(history.coarse, COARSE.atLeast, room)]
  return forecasts.flatMap((forecast) => forecast ?? []).sort((one, other) => one.fullInMs - other.fullInMs)[0]
}

function foretellFrom(
  samples: readonly UseSample[],
  atLeast: number,
  { availableBytes, totalBytes }: { readonly availableBytes: number; readonly totalBytes: number },
): Forecast | undefined {
  const [first, last] = [samples[0], samples.at(-1)]
  if (first === undefined || last === undefined || samples.length < atLeast) return undefined
  if (!isRising(samples)) return undefined
  const rate = median(slopesOf(samples))
  const overMs = last.atMs - first.atMs
  const isLarge = rate * overMs >= Math.max(SMALLEST_RISE_BYTES, totalBytes * SMALLEST_RISE_RATIO)
  if (!isLarge) return undefined
  const fullInMs = availableBytes / rate
  return fullInMs <= AHEAD * overMs ? { fullInMs, bytesPerHour: rate * HOUR_MS, overMs } : undefined
}

/** Asked first, because it mostly is not, and counting costs less than slopes. */
function isRising(samples: readonly UseSample[]): boolean {
  let rising = 0
  for (const later of samples)
    for (const earlier of samples) {
      if (earlier === later) break
      if (later.usedBytes > earlier.usedBytes) rising += 1
    }
  return rising >= ((samples.length * (samples.length - 1)) / 2) * RISING_RATIO
}

/** Between every two samples, in bytes per millisecond: their median is not moved by a few samples that stand out (Theil and Sen). */
function slopesOf(samples: readonly UseSample[]): readonly number[] {
  return samples.flatMap((later, index) =>
    samples.slice(0, index).map((earlier) => (later.usedBytes - earlier.usedBytes) / Math.max(1, later.atMs - earlier.atMs)),
  )
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0
}
