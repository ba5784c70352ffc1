import type { UnitBus } from '../../src/adapters/systemd/bus.ts'
import type { UnitProperties } from '../../src/adapters/systemd/unit-properties.ts'
import type { CommandRequest, CommandResult } from '../../src/ports/commands.ts'
import type { ServiceOutcome, ServiceStatus } from '../../src/ports/service-manager.ts'
import type { FakeClock } from './clock.ts'
import type { FakeServiceManager } from './service-manager.ts'

/** The service manager as a process meets it: over the bus, and by `systemctl`. */
export interface SimulatedSystemd {
  /** False: the bus does not answer, and `systemctl` cannot connect to it. */
  answers: boolean
  readonly bus: UnitBus
  /** `systemctl --no-ask-password VERB… UNIT` */
  systemctl(request: CommandRequest, signal: AbortSignal | undefined): Promise<Partial<CommandResult>>
}

const NO_BUS = { exitCode: 1, stderr: 'Failed to connect to bus: Connection refused' }

/** Systemd over a unit that a fake keeps. A `stop` waits for its end, as `systemctl` does without `--no-block`. */
export function createSimulatedSystemd(service: FakeServiceManager, clock: FakeClock): SimulatedSystemd {
  const systemd: SimulatedSystemd = {
    answers: true,
    bus: {
      read: async () => (systemd.answers ? toProperties(await service.status()) : undefined),
      watch: (_unit, listener) => service.watch(() => (systemd.answers ? listener() : undefined)),
      close: async () => {},
    },
    async systemctl({ arguments: words, timeoutMs }, signal) {
      if (!systemd.answers) return NO_BUS
      const [verb, ...options] = words.slice(1, -1)
      if (verb === 'show') return { stdout: render(toProperties(await service.status())) }
      if (verb === 'list-jobs') return { stdout: `1 ${words.at(-1) ?? ''} ${(await service.status()).job} waiting` }
      const outcome = await request(service, verb ?? '', options.join(' '), timeoutMs)
      if (verb === 'stop' && outcome.ok) return waitForEnd(service, clock, timeoutMs, signal)
      return outcome.ok ? {} : { exitCode: 1, stderr: outcome.detail }
    },
  }
  return systemd
}

async function request(service: FakeServiceManager, verb: string, options: string, timeoutMs: number): Promise<ServiceOutcome> {
  if (verb === 'start') return service.start(timeoutMs)
  if (verb === 'stop') return service.stop('fast', timeoutMs)
  if (verb === 'reset-failed') return service.clearFailure(timeoutMs)
  if (verb !== 'kill') throw new Error(`systemctl ${verb} is not simulated`)
  if (!options.includes('--kill-whom=main')) return service.killAll(timeoutMs)
  return service.stop(options.includes('SIGQUIT') ? 'immediate' : 'smart', timeoutMs)
}

async function waitForEnd(
  service: FakeServiceManager,
  clock: FakeClock,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Partial<CommandResult>> {
  const ended = Promise.withResolvers<void>()
  const look = async (): Promise<void> => ((await service.status()).state === 'deactivating' ? undefined : ended.resolve())
  const stop = service.watch(() => void look())
  await look()
  const waited = await clock.withDeadline(timeoutMs, signal, (given) => {
    given.addEventListener('abort', () => ended.resolve(), { once: true })
    return ended.promise
  })
  stop()
  return waited.timedOut ? { exitCode: undefined, outcome: 'timed-out' } : {}
}

function toProperties({ state, result, mainPid, job }: ServiceStatus): UnitProperties {
  return { activeState: state, result, mainPid, job, restart: 'no' }
}

function render({ activeState, result, mainPid, job, restart }: UnitProperties): string {
  return [
    `ActiveState=${activeState}`,
    `Result=${result}`,
    `MainPID=${mainPid}`,
    `Job=${job === '' ? 0 : 1}`,
    `Restart=${restart}`,
    '',
  ].join('\n')
}
