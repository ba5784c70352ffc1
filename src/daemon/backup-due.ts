import type { Due } from '../jobs/backup/backup-care.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Watch } from './watch.ts'

const MOST_DUE_BYTES = 4096

function duePath({ settings, cluster }: Watch): string {
  return `${settings.stateDirectory}/state/${cluster.name}.backup-due`
}

/** When the calendar called for backups of a cluster. What cannot be read was never called for: the catch-up then looks only for a backup. */
export async function loadDue(watch: Watch): Promise<Due> {
  const text = await watch.outside.files.readText(duePath(watch), { maxBytes: MOST_DUE_BYTES })
  const due = parseDue(text ?? '')
  return { lastWallMs: numberOf(due?.lastWallMs), nextWallMs: numberOf(due?.nextWallMs) }
}

/** Without it a missed run is not noticed, which is no reason to make none at all. */
export async function saveDue(watch: Watch, due: Due): Promise<void> {
  try {
    await watch.outside.files.writeDurably(duePath(watch), `${JSON.stringify(due)}\n`, 0o600)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
  }
}

function parseDue(text: string): Partial<Due> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
