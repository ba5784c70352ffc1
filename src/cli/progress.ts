import type { Progress } from '../daemon/control-protocol.ts'
import type { Io } from './command.ts'
import { spellDuration } from './durations.ts'
import { spellSize } from './sizes.ts'

const BAR_WIDTH = 24

/** Shows how far something long is: one line that is drawn over on a terminal, nothing elsewhere. */
export interface ProgressLine {
  show(progress: Progress): void
  /** Ends the line, so that what follows has one of its own. */
  end(): void
}

export function progressLine(io: Io): ProgressLine {
  const startedMs = io.now()
  let shown = false
  return {
    show(progress) {
      if (!io.stderr.isTerminal) return
      shown = true
      io.stderr.write(`\r\u001b[K${describe(progress, io.now() - startedMs).slice(0, io.stderr.columns - 1)}`)
    },
    end() {
      if (shown) io.stderr.write('\r\u001b[K')
    },
  }
}

/** "copying  [########        ] 33 %, 1.2 GB of 3.6 GB, 210 MB/s, 11 s left" */
export function describe({ text, doneBytes, totalBytes }: Progress, tookMs: number): string {
  const rate = tookMs < 1_000 ? 0 : (doneBytes / tookMs) * 1_000
  const speed = rate === 0 ? '' : `, ${spellSize(rate)}/s`
  if (totalBytes === undefined || totalBytes === 0) return `${text}  ${spellSize(doneBytes)}${speed}`
  const ratio = Math.min(1, doneBytes / totalBytes)
  const bar = '#'.repeat(Math.round(ratio * BAR_WIDTH)).padEnd(BAR_WIDTH)
  const left = rate === 0 ? '' : `, ${spellDuration(((totalBytes - doneBytes) / rate) * 1_000)} left`
  return `${text}  [${bar}] ${Math.floor(ratio * 100)} %, ${spellSize(doneBytes)} of ${spellSize(totalBytes)}${speed}${left}`
}
