import type { Releasers } from './releasers.ts'

/** What the process is told from outside. */
export interface Signals {
  /** Aborts with the first SIGTERM or SIGINT: finish what is under way by the shortest safe way. */
  readonly stop: AbortSignal
  /** Aborts with the second: suspend at the next safe point. */
  readonly abort: AbortSignal
  readonly stopped: Promise<void>
  onReload(listener: () => void): void
}

export function listenToSignals(releasers: Releasers): Signals {
  const stop = new AbortController()
  const abort = new AbortController()
  const reload: { listener: () => void } = { listener: () => undefined }
  const onStop = (): void => (stop.signal.aborted ? abort : stop).abort()
  const onReload = (): void => reload.listener()
  process.on('SIGTERM', onStop).on('SIGINT', onStop).on('SIGHUP', onReload)
  releasers.add(() => void process.off('SIGTERM', onStop).off('SIGINT', onStop).off('SIGHUP', onReload))
  return {
    stop: stop.signal,
    abort: abort.signal,
    stopped: new Promise((resolve) => stop.signal.addEventListener('abort', () => resolve(), { once: true })),
    onReload: (listener) => (reload.listener = listener),
  }
}
