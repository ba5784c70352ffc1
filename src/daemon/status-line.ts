import type { Notifier } from '../ports/notifier.ts'
import type { Watch } from './watch.ts'

/** Tells the service manager how the watches stand, when that has changed: nobody is woken to find that it has not. */
export interface StatusBoard {
  /** Says that the daemon is ready, and how the watches stand. */
  ready(): void
  /** Called by whatever may have changed the line. */
  changed(): void
}

export function createStatusBoard(notifier: Notifier, watches: () => readonly Watch[]): StatusBoard {
  let told = ''
  return {
    ready() {
      told = statusLine(watches())
      notifier.ready(told)
    },
    changed() {
      const line = statusLine(watches())
      if (line !== told) notifier.status(line)
      told = line
    },
  }
}

/** One line for `systemctl status`: "15-main healthy; 16-reports recovering (start-postgres)". */
function statusLine(watches: readonly Watch[]): string {
  if (watches.length === 0) return 'no cluster to watch'
  return watches.map(describe).join('; ')
}

function describe({ cluster, state, step, lastTickWallMs }: Watch): string {
  if (lastTickWallMs === undefined && step === '') return `${cluster.name} not looked at yet`
  const detail = step !== '' ? ` (${step})` : state.cause === null ? '' : ` (${state.cause})`
  return `${cluster.name} ${state.mode}${detail}`
}
