import type { Watch } from './watch.ts'

/** One line for `systemctl status`: "15-main healthy; 16-reports recovering (start-postgres)". */
export function statusLine(watches: readonly Watch[]): string {
  if (watches.length === 0) return 'no cluster to watch'
  return watches.map(describe).join('; ')
}

function describe({ cluster, state, step, lastTickWallMs }: Watch): string {
  if (lastTickWallMs === undefined && step === '') return `${cluster.name} not looked at yet`
  const detail = step !== '' ? ` (${step})` : state.cause === null ? '' : ` (${state.cause})`
  return `${cluster.name} ${state.mode}${detail}`
}
