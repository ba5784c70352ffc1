import type { Clock } from './clock.ts'
import type { Commands } from './commands.ts'
import type { Files } from './files.ts'
import type { Log } from './log.ts'
import type { Postgres } from './postgres.ts'
import type { Processes } from './processes.ts'
import type { Random } from './random.ts'
import type { ServiceManager } from './service-manager.ts'

/** What every cluster of one daemon shares. */
export interface Host {
  readonly clock: Clock
  readonly random: Random
  readonly files: Files
  readonly processes: Processes
  readonly commands: Commands
  readonly log: Log
}

/** Everything outside pgwatchd that concerns one cluster. */
export interface Outside extends Host {
  readonly postgres: Postgres
  readonly service: ServiceManager
}
