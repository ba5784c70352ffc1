/** When the calendar called for backups. */
export interface Calls {
  readonly lastWallMs: number | undefined
  readonly nextWallMs: number | undefined
}

/** A run that is this late was missed: its jitter and a busy host are no reason. */
const TOLERANCE_MS = 60_000

/**
 * Why a backup should be made now, outside the calendar, one clause: there is none, or the one that was due is missing because
 * the host was off or the run failed. `undefined` when there is no reason.
 */
export function reasonToCatchUp(
  newestWallMs: number | undefined,
  { lastWallMs, nextWallMs }: Calls,
  now: { readonly wallMs: number; readonly jitterMs: number },
): string | undefined {
  if (newestWallMs === undefined) return 'there is no backup yet'
  const missed = nextWallMs !== undefined && nextWallMs + now.jitterMs + TOLERANCE_MS < now.wallMs ? nextWallMs : undefined
  const due = missed ?? lastWallMs
  if (due === undefined || newestWallMs >= due - TOLERANCE_MS) return undefined
  return missed === undefined ? 'the last run did not make one' : 'a run was missed while pgwatchd was not running'
}
