import type { Facts } from '../../core/facts.ts'

/** A start that lasts, as remembered from look to look. */
export interface PendingStartMemory {
  pendingStartSinceMs: number | undefined
}

/**
 * Since when the service manager has been starting a server of which no process is seen. A service that waits for another, or is
 * restarted again and again, may do so for ever: after `limitMs` it is overdue.
 */
export function lookAtPendingStart(
  memory: PendingStartMemory,
  { service, postmaster }: Pick<Facts, 'service' | 'postmaster'>,
  { nowMs, limitMs }: { readonly nowMs: number; readonly limitMs: number },
): Facts['pendingStart'] {
  const isDown = postmaster.status === 'absent' || postmaster.status === 'orphans'
  const isPending = isDown && (service.state === 'activating' || service.job === 'start' || service.job === 'restart')
  memory.pendingStartSinceMs = isPending ? (memory.pendingStartSinceMs ?? nowMs) : undefined
  if (memory.pendingStartSinceMs === undefined) return undefined
  const forMs = Math.round(nowMs - memory.pendingStartSinceMs)
  return { forMs, isOverdue: forMs >= limitMs }
}
