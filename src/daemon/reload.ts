import { buildAlert } from '../alerts/build-alert.ts'
import type { Config } from '../config/config.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { HostParts } from './compose.ts'
import type { Fleet } from './fleet.ts'
import { readConfig } from './read-config.ts'
import type { Jobs } from './start-jobs.ts'
import type { StatusBoard } from './status-line.ts'
import type { Telegraph } from './telegraph.ts'

export interface ReloadParts {
  readonly parts: HostParts
  readonly fleet: Fleet
  readonly board: StatusBoard
  readonly telegraph: Telegraph
  readonly jobs: Jobs
  readonly configFile: string
  readonly config: Config
}

export interface Reloaded {
  readonly ok: boolean
  readonly text: string
}

/** Reads the configuration again when called; reloads never overlap. A file with a mistake changes nothing. */
export type Reload = () => Promise<Reloaded>

export function createReload(given: ReloadParts): Reload {
  let current = given.config
  let last: Promise<unknown> = Promise.resolve()
  const reloadOnce = async (): Promise<Reloaded> => {
    given.parts.notifier.reloading()
    try {
      const read = await readConfig(given.configFile, given.parts.host.files)
      if (!read.ok) return await refuse(given, read.problems)
      const fixed = fixedOptions(current, read.config)
      current = { ...read.config, ...fixed.kept }
      return await follow(given, current, [...fixed.notes, ...read.warnings])
    } catch (error) {
      if (error instanceof OutsideError) return await refuse(given, [error.message])
      throw error
    } finally {
      given.board.ready()
    }
  }
  return () => {
    const next = last.then(reloadOnce)
    last = next.catch(() => undefined)
    return next
  }
}

/** Where things are kept cannot move under a running daemon. */
function fixedOptions(before: Config, next: Config) {
  const { stateDirectory, runtimeDirectory, log } = before
  const notes = [
    ...(next.stateDirectory === stateDirectory ? [] : ['state_directory']),
    ...(next.runtimeDirectory === runtimeDirectory ? [] : ['runtime_directory']),
    ...(next.log.format === log.format && next.log.level === log.level ? [] : ['log.format and log.level']),
  ].map((option) => `${option} takes effect with the next start of pgwatchd`)
  return { notes, kept: { stateDirectory, runtimeDirectory } }
}

async function follow({ parts, fleet, telegraph, jobs }: ReloadParts, config: Config, notes: readonly string[]): Promise<Reloaded> {
  telegraph.configure(config)
  const problems = await fleet.follow(config)
  await jobs.follow(config)
  for (const message of [...notes, ...problems]) parts.host.log.write({ level: 'warning', event: 'configuration-warning', message })
  const text = `the configuration was read again; watching ${
    fleet
      .watches()
      .map(({ cluster }) => cluster.name)
      .join(', ') || 'no cluster'
  }`
  parts.host.log.write({ level: 'notice', event: 'configuration-reloaded', message: text })
  return { ok: true, text }
}

async function refuse({ parts, telegraph }: ReloadParts, problems: readonly string[]): Promise<Reloaded> {
  const { host, hostName } = parts
  for (const message of problems) host.log.write({ level: 'err', event: 'configuration-refused', message })
  await telegraph.alerting.raise(
    buildAlert({ kind: 'configuration-refused', host: hostName, wallMs: host.clock.wallMs(), details: problems }),
  )
  return { ok: false, text: `the configuration was refused and the old one stays: ${problems.join('; ')}` }
}
