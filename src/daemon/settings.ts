import type { Config } from '../config/config.ts'
import type { Limits } from '../core/limits.ts'
import type { ProbeSettings } from '../probes/probe.ts'
import type { RecoverySettings } from '../recovery/step.ts'

/** A cluster that heals itself for longer than this is told to a person. */
const WAIT_ALERT_MS = 30_000

/** The part of the configuration that a running watch follows; replaced as a whole on reload. */
export interface WatchSettings {
  readonly intervalMs: number
  readonly confirmIntervalMs: number
  readonly limits: Limits
  readonly probes: ProbeSettings
  readonly recovery: RecoverySettings
  readonly backup: Config['backup']
  readonly stateDirectory: string
}

export function settingsOf(config: Config): WatchSettings {
  const { watch, recovery } = config
  return {
    intervalMs: watch.intervalMs,
    confirmIntervalMs: watch.confirmIntervalMs,
    limits: {
      failures: watch.failures,
      attempts: recovery.attempts,
      windowMs: recovery.windowMs,
      cooldownMs: recovery.cooldownMs,
      cooldownMaxMs: recovery.cooldownMaxMs,
      operatorStop: watch.operatorStop,
      mode: recovery.mode,
      waitAlertMs: WAIT_ALERT_MS,
    },
    probes: config.probes,
    recovery,
    backup: config.backup,
    stateDirectory: config.stateDirectory,
  }
}
