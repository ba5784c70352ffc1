import type { ProbeMemory } from './probe.ts'

/** Memory of one cluster's probes; `onHeldSessionEnd` is called when the held session ends by itself. */
export function createProbeMemory(onHeldSessionEnd: () => void): ProbeMemory {
  return {
    heldSession: undefined,
    heldSessionLost: false,
    postmaster: undefined,
    onHeldSessionEnd,
    applicationSession: undefined,
    lastWrite: undefined,
    checksumFailures: undefined,
    stoppedProcesses: undefined,
    flushedLsn: undefined,
    volumes: undefined,
  }
}

/** Ends the look's own session. */
export async function closeApplicationSession(memory: ProbeMemory): Promise<void> {
  const session = memory.applicationSession
  memory.applicationSession = undefined
  await session?.close()
}

/** Ends every session, at the end of the daemon or before the cluster is worked on offline. */
export async function closeProbeMemory(memory: ProbeMemory): Promise<void> {
  const held = memory.heldSession
  memory.heldSession = undefined
  await Promise.all([held?.close(), closeApplicationSession(memory)])
}
