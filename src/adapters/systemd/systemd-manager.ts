import type { Cluster } from '../../core/cluster.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Commands } from '../../ports/commands.ts'
import type { Files } from '../../ports/files.ts'
import type { Processes } from '../../ports/processes.ts'
import type { ServiceManager, ServiceOutcome, StopMode } from '../../ports/service-manager.ts'
import type { UnitBus } from './bus.ts'
import { createHoldFile } from './hold-file.ts'
import { createShow, createSystemctl } from './systemctl.ts'
import { toServiceStatus } from './unit-properties.ts'
import type { UnitProperties } from './unit-properties.ts'

export interface SystemdManagerOptions {
  readonly cluster: Cluster
  /** Where the hold file is made: `/run/pgwatchd`, as the package's drop-in says. */
  readonly runtimeDirectory: string
  readonly clock: Clock
  readonly files: Files
  readonly processes: Processes
  readonly commands: Commands
  /** Shared by all clusters, and closed by whoever made it. */
  readonly bus: UnitBus
}

/** Signals make changes known; this is for the one that was lost. */
const STATUS_MAX_AGE_MS = 60_000
const BUS_TIMEOUT_MS = 1_000

const STOP_VERBS: Readonly<Record<StopMode, readonly string[]>> = {
  smart: ['kill', '--kill-whom=main', '--signal=SIGTERM'],
  fast: ['stop'],
  immediate: ['kill', '--kill-whom=main', '--signal=SIGQUIT'],
}

/**
 * The cluster's instance unit. What is asked goes over D-Bus, without a process; what is done goes through `systemctl`,
 * allowed by the package's polkit rule. `killAll` works while a stop job hangs, and ends that job's processes too.
 */
export function createSystemdManager(options: SystemdManagerOptions): ServiceManager {
  const { cluster, bus, processes } = options
  const { unit } = cluster
  const hold = createHoldFile(cluster, options.runtimeDirectory, options.files)
  const systemctl = createSystemctl(unit, options.commands)
  const show = createShow(unit, options.commands, options.clock)
  const stopWatching = new Set<() => void>()

  /** A cached state is believed only as long as its main process lives: the death may be known before systemd tells it. */
  async function properties(signal?: AbortSignal): Promise<UnitProperties | undefined> {
    const known = await bus.read(unit, { maxAgeMs: STATUS_MAX_AGE_MS, timeoutMs: BUS_TIMEOUT_MS })
    if (known === undefined) return show(signal)
    return isOutlived(known) ? bus.read(unit, { maxAgeMs: 0, timeoutMs: BUS_TIMEOUT_MS }) : known
  }

  function isOutlived(known: UnitProperties): boolean {
    if (known.mainPid === 0) return false
    const state = processes.glance(known.mainPid)?.state ?? 'X'
    return state === 'X' || state === 'Z'
  }

  return {
    kind: 'systemd',
    status: async (signal) => toServiceStatus(unit, await properties(signal)),
    start: (timeoutMs, signal) => systemctl(['start', '--no-block'], timeoutMs, signal),
    stop: (mode, timeoutMs, signal) => systemctl(STOP_VERBS[mode], timeoutMs, signal),
    killAll: async (timeoutMs, signal) => acceptEmpty(await systemctl(['kill', '--signal=SIGKILL'], timeoutMs, signal)),
    clearFailure: async (timeoutMs, signal) => acceptEmpty(await systemctl(['reset-failed'], timeoutMs, signal)),
    hold: () => hold.create(),
    release: () => hold.remove(),
    watch(listener) {
      const stop = bus.watch(unit, listener)
      stopWatching.add(stop)
      return () => {
        stop()
        stopWatching.delete(stop)
      }
    },
    async close() {
      for (const stop of stopWatching) stop()
      stopWatching.clear()
    },
  }
}

/** A unit that has no process left, or is not even loaded, is what was asked for. */
function acceptEmpty(outcome: ServiceOutcome): ServiceOutcome {
  return /no process|not loaded|not active/i.test(outcome.detail) ? { ...outcome, ok: true } : outcome
}
