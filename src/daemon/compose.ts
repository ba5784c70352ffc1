import { join } from 'node:path'
import { createClock } from '../adapters/clock/clock.ts'
import { createCommands } from '../adapters/commands/commands.ts'
import { createControlSocket } from '../adapters/control-socket/control-socket.ts'
import { createFiles } from '../adapters/filesystem/files.ts'
import { rememberTexts } from '../adapters/filesystem/remember-texts.ts'
import { readHostName } from '../adapters/host-name/host-name.ts'
import { createLog, resolveLogFormat } from '../adapters/log/log.ts'
import { createMailer } from '../adapters/mail/mailer.ts'
import { createNotifier } from '../adapters/notify/notifier.ts'
import { takeSupervisorEnvironment } from '../adapters/notify/supervisor-environment.ts'
import { createProcesses } from '../adapters/processes/processes.ts'
import { createRandom } from '../adapters/random/random.ts'
import { createCalendar } from '../adapters/schedule/calendar.ts'
import type { Config } from '../config/config.ts'
import { readSecret } from '../config/secrets.ts'
import type { Calendar } from '../ports/calendar.ts'
import type { ControlSocket } from '../ports/control-socket.ts'
import type { Files } from '../ports/files.ts'
import type { Log } from '../ports/log.ts'
import type { Mailer } from '../ports/mailer.ts'
import type { Notifier } from '../ports/notifier.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Host } from '../ports/outside.ts'

export type Environment = Record<string, string | undefined>

/** What the daemon has once, whatever is configured. */
export interface HostParts {
  readonly host: Host
  readonly hostName: string
  readonly notifier: Notifier
  readonly controlSocket: ControlSocket
  readonly environment: Environment
  /** The same with another log. */
  withLog(log: LogChoice): HostParts
}

export type LogChoice = Pick<Config['log'], 'format' | 'level'>

/**
 * The outside of this host. Takes the service manager's variables out of `environment`, so that no child speaks in
 * pgwatchd's name.
 */
export function composeHost(environment: Environment, choice: LogChoice): HostParts {
  const supervisor = takeSupervisorEnvironment(environment, process.pid)
  const logFor = ({ format, level }: LogChoice): Log => createLog({ format: resolveLogFormat(format, environment), level, environment })
  const parts: Omit<HostParts, 'withLog'> = {
    host: {
      clock: createClock(),
      random: createRandom(),
      files: createFiles(),
      processes: createProcesses(),
      commands: createCommands(),
      log: logFor(choice),
    },
    hostName: readHostName(),
    notifier: createNotifier(supervisor),
    controlSocket: createControlSocket(),
    environment,
  }
  const withLog = (other: LogChoice): HostParts => ({ ...parts, host: { ...parts.host, log: logFor(other) }, withLog })
  return { ...parts, withLog }
}

/** The configured way of mail; `undefined` when no mail is configured. */
export function composeMailer(config: Config, parts: HostParts): Mailer | undefined {
  const { mail } = config.alerts
  if (mail === undefined) return undefined
  return createMailer({ mail, password: passwordFrom(mail.smtp.password, parts.host.files, parts.environment), host: parts.hostName })
}

/** Loads node-cron when a job goes by the calendar, and not before. */
export function composeCalendar(): Calendar {
  return createCalendar()
}

/** The same files for who reads a few small ones again and again. */
export function rereadCheaply({ files, clock }: Pick<Host, 'files' | 'clock'>): Files {
  return { ...files, readText: rememberTexts(files, clock) }
}

/** Asked at each login, so that a changed password needs no reload. Rejects with `OutsideError` when it cannot be read. */
export function passwordFrom(
  source: Parameters<typeof readSecret>[0],
  files: Files,
  environment: Environment,
): () => Promise<string | undefined> {
  return async () => {
    const secret = await readSecret(source, { files, environment })
    if (secret.ok) return secret.value
    throw new OutsideError({ operation: 'read', object: 'a password', code: 'secret', reason: secret.why, hint: secret.hint })
  }
}

/** Where things are kept on disk. */
export interface StatePaths {
  state(cluster: string): string
  journal(cluster: string): string
  /** How the use of its file systems went. */
  use(cluster: string): string
  readonly alerts: string
  readonly stateFolder: string
  readonly incidents: string
  readonly outbox: string
}

/** Paths below the state directory. */
export function statePaths(stateDirectory: string): StatePaths {
  return {
    state: (cluster: string) => join(stateDirectory, 'state', `${cluster}.state`),
    journal: (cluster: string) => join(stateDirectory, 'state', `${cluster}.journal`),
    use: (cluster: string) => join(stateDirectory, 'state', `${cluster}.use`),
    alerts: join(stateDirectory, 'state', 'alerts'),
    stateFolder: join(stateDirectory, 'state'),
    incidents: join(stateDirectory, 'incidents'),
    outbox: join(stateDirectory, 'outbox'),
  }
}
