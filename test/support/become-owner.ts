import { ownerOf } from './cluster-processes.ts'

/**
 * Lets the rest of this test run as the user that PostgreSQL runs as, as pgwatchd itself does: what it makes for a server of its
 * own has to belong to that user.
 */
export function becomeOwner(): void {
  if (process.getuid?.() !== 0) return
  const { uid, gid } = ownerOf('postgres')
  process.setgroups?.([gid])
  process.setgid?.(gid)
  process.setuid?.(uid)
}
