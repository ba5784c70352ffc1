import { createPgCtlManager } from '../adapters/pg-ctl/pg-ctl-manager.ts'
import { createPostgres, type Login } from '../adapters/postgres/postgres.ts'
import { createUnitBus, type UnitBus } from '../adapters/systemd/bus.ts'
import { createSystemdManager } from '../adapters/systemd/systemd-manager.ts'
import type { ClusterConfig, LoginConfig } from '../config/config.ts'
import type { Cluster } from '../core/cluster.ts'
import type { Outside } from '../ports/outside.ts'
import type { ServiceManager } from '../ports/service-manager.ts'
import { passwordFrom, rereadCheaply, type HostParts } from './compose.ts'

/** The one connection to systemd that all clusters share; opened when it is first needed. */
export function composeBus(parts: HostParts): UnitBus {
  return createUnitBus({ clock: parts.host.clock })
}

/** Gives each cluster what is outside of pgwatchd for it, until it is closed. */
export interface Outsides {
  of(cluster: Cluster, config: ClusterConfig, runtimeDirectory: string): Outside
  close(): Promise<void>
}

/** That of this host; all its clusters share one connection to systemd. */
export function composeOutsides(parts: HostParts): Outsides {
  const bus = composeBus(parts)
  return {
    of: (cluster, config, runtimeDirectory) => composeOutside(parts, bus, cluster, config, runtimeDirectory),
    close: () => bus.close(),
  }
}

/** Everything outside pgwatchd that concerns one cluster. */
export function composeOutside(parts: HostParts, bus: UnitBus, cluster: Cluster, config: ClusterConfig, runtimeDirectory: string): Outside {
  const files = rereadCheaply(parts.host)
  const login = (from: LoginConfig): Login => ({
    user: from.user,
    database: from.database,
    host: from.host,
    password: passwordFrom(from.password, files, parts.environment),
  })
  return {
    ...parts.host,
    postgres: createPostgres({
      cluster,
      superuser: login(config.superuser),
      application: config.application === undefined ? undefined : login(config.application),
      ...(config.standby === undefined ? {} : { standby: { ...login(config.standby), port: config.standby.port } }),
      clock: parts.host.clock,
    }),
    service: composeService(parts, bus, cluster, runtimeDirectory),
  }
}

function composeService({ host }: HostParts, bus: UnitBus, cluster: Cluster, runtimeDirectory: string): ServiceManager {
  const { clock, files, processes, commands } = host
  if (cluster.serviceManager === 'pg_ctl') return createPgCtlManager({ cluster, runtimeDirectory, clock, files, processes, commands })
  return createSystemdManager({ cluster, runtimeDirectory, clock, files, processes, commands, bus })
}
