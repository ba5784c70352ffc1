import type { Cause } from '../core/cause.ts'
import type { Random } from '../ports/random.ts'

/** `20261121T014412Z-15-main-crashed-3f2a`: sorts by time, and tells what happened. */
export function incidentIdFor(clusterName: string, cause: Cause, wallMs: number, random: Random): string {
  const stamp = new Date(wallMs).toISOString().replace(/[-:]/gu, '').replace(/\.\d+/u, '')
  return `${stamp}-${clusterName}-${cause}-${random.hex(4)}`
}
