import { setTimeout as sleep } from 'node:timers/promises'
import { askDaemon } from '../../../src/cli/control-client.ts'
import { createFiles } from '../../../src/adapters/filesystem/files.ts'
import type { State } from '../../../src/core/state.ts'
import { createSlotFile } from '../../../src/daemon/slot-file.ts'
import { createStateFile } from '../../../src/daemon/state-file.ts'
import type { Machine } from './machine.ts'
import { openApplicationSession } from './service-clock.ts'

const STATE_SLOT_BYTES = 16_384
const SESSION_TIMEOUT_MS = 5_000
const PAUSE_MS = 3_600_000

/** Work whose every piece is acknowledged, and may be cut short at any moment. */
export interface Worker {
  /** How many pieces were acknowledged so far, from the first one ever. */
  acknowledged(): number
  /** Ends it, and waits until it has ended. */
  end(): Promise<void>
}

/** The application commits the rows `after` + 1, `after` + 2, …, one transaction each. */
export async function commitRows(machine: Machine, after: number): Promise<Worker> {
  const session = await openApplicationSession(machine, SESSION_TIMEOUT_MS)
  return work(after, async (number) => {
    await session.query('insert into acknowledged values ($1)', [number])
  })
}

/** An operator pauses pgwatchd again and again, each time for one millisecond longer: so its saved state tells which one it is. */
export async function savePauses(machine: Machine, after: number): Promise<Worker> {
  const socket = machine.hostPath('/run/pgwatchd/control.sock')
  return work(after, async (number) => {
    for await (const answer of askDaemon(socket, { command: 'pause', forMs: PAUSE_MS + number, by: 'test' }, SESSION_TIMEOUT_MS))
      if (answer.type === 'done' && !answer.ok) throw new Error(answer.text)
  })
}

/** The number of the pause that the state holds; 0 when it holds none. */
export function pauseIn(state: State | undefined): number {
  return Math.max(0, (state?.pause?.forMs ?? PAUSE_MS) - PAUSE_MS)
}

/** What pgwatchd has on disk, read by its own code. */
export function readState(machine: Machine): Promise<State | undefined> {
  const path = machine.hostPath(`/var/lib/pgwatchd/state/${machine.clusterName}.state`)
  return createStateFile(createSlotFile({ files: createFiles(), path, slotBytes: STATE_SLOT_BYTES })).load()
}

function work(after: number, act: (number: number) => Promise<void>): Worker {
  let [acknowledged, ended] = [after, false]
  const go = async (): Promise<void> => {
    while (!ended) {
      await act(acknowledged + 1)
      acknowledged += 1
    }
  }
  // It ends by an error when its server dies under it.
  const working = go().catch(() => undefined)
  return {
    acknowledged: () => acknowledged,
    async end() {
      ended = true
      await Promise.race([working, sleep(SESSION_TIMEOUT_MS)])
    },
  }
}
