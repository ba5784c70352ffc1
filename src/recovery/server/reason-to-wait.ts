import { describeShortage, findShortage } from '../disk/room.ts'
import type { StepContext } from '../step.ts'
import { readConfigured } from './configuration.ts'
import { isAdvancing } from './startup.ts'

const ADVANCES_WITHIN_MS = 1_000

/** What would keep the server from starting again once it is stopped, or lose what it has done; `undefined`: it may be stopped. */
export async function reasonToWait(context: StepContext, signal: AbortSignal): Promise<string | undefined> {
  if (await isAdvancing(context, ADVANCES_WITHIN_MS, signal)) return 'it is in crash recovery and advances: a restart would begin it again'
  const shortage = await findShortage(context)
  if (shortage !== undefined) return `its shutdown checkpoint needs room: ${describeShortage(shortage)}`
  const configured = await readConfigured(context, 'shared_buffers', signal)
  return configured.ok ? undefined : `it could not be started again: ${configured.why}`
}
