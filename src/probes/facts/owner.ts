import type { Cluster } from '../../core/cluster.ts'
import type { Finding, Owner } from '../../core/facts.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Files } from '../../ports/files.ts'
import type { Processes, ProcessStatus } from '../../ports/processes.ts'
import type { ServiceStatus } from '../../ports/service-manager.ts'
import { unlessUnavailable } from './bounded.ts'
import type { ClusterProcesses } from './cluster-processes.ts'
import { programOf } from './names.ts'

export interface OwnerQuestion {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly files: Files
  readonly processes: Processes
  /** Every process of this host. */
  readonly everybody: readonly ProcessStatus[]
  readonly own: ClusterProcesses | undefined
  readonly service: ServiceStatus | undefined
}

/** Programs that own a cluster by being there. */
const MANAGERS: Readonly<Record<string, Owner['name']>> = {
  patroni: 'patroni',
  repmgrd: 'repmgr',
  pg_autoctl: 'pg_auto_failover',
  pacemakerd: 'pacemaker',
  pg_upgrade: 'pg_upgrade',
}

const CONTAINER_ENGINE = /^(?:containerd-shim.*|docker-containerd-shim|conmon|crun|runc|systemd-nspawn|lxc-start)$/

/** Longer than any chain of parents. */
const LONGEST_ANCESTRY = 64

/**
 * Who, other than the service manager, owns the cluster. Nothing is looked for inside other users' files. What can be told by
 * the processes alone does not depend on a disk that may hang; where the rest cannot be looked at, the owner is unknown.
 */
export async function findOwner(question: OwnerQuestion, signal?: AbortSignal): Promise<Finding<Owner>> {
  const value = findManager(question) ?? findContainerEngine(question) ?? findOperator(question)
  if (value !== undefined) return { status: 'found', value }
  const looked = await unlessUnavailable(question.clock, signal, async () => ({ owner: await findPatroniFile(question) }))
  if (looked === undefined) return { status: 'unknown', why: 'the data directory could not be looked at in time' }
  return looked.owner === undefined ? { status: 'none' } : { status: 'found', value: looked.owner }
}

/** A clause for people. */
export function describeOwner({ name, evidence }: Owner): string {
  return `it belongs to ${name} (${evidence})`
}

/** Patroni keeps its dynamic configuration in every data directory that it manages. */
async function findPatroniFile({ cluster, files }: OwnerQuestion): Promise<Owner | undefined> {
  const found = await files.status(`${cluster.dataDirectory}/patroni.dynamic.json`)
  return found && { name: 'patroni', evidence: 'patroni.dynamic.json lies in the data directory' }
}

function findManager({ cluster, everybody }: OwnerQuestion): Owner | undefined {
  for (const process of everybody) {
    const name = MANAGERS[programOf(process)]
    if (name !== undefined && mayConcern(process, cluster)) return { name, evidence: `${describe(process)} is running` }
  }
  return undefined
}

/** A manager that names a Debian cluster or a data directory concerns that one; one that names none may concern any. */
function mayConcern({ commandLine }: ProcessStatus, { name, dataDirectory }: Cluster): boolean {
  if (commandLine.includes(dataDirectory) || commandLine.includes(name)) return true
  const namesAnother = /\b\d+-\w+\.ya?ml\b|--pgdata[ =]|(?:^| )-[dDB] ?\/|--(?:old|new)-datadir/.test(commandLine)
  return !namesAnother
}

function findContainerEngine({ own, processes }: OwnerQuestion): Owner | undefined {
  let current = own?.leader
  for (let depth = 0; depth < LONGEST_ANCESTRY && current !== undefined && current.pid > 1; depth += 1) {
    if (CONTAINER_ENGINE.test(programOf(current)))
      return { name: 'container-engine', evidence: `the server is a descendant of ${describe(current)}` }
    current = processes.inspect(current.parentPid)
  }
  return undefined
}

/** A server that runs while its unit does not was started by hand; the service manager could not stop it either. */
function findOperator({ cluster, own, service }: OwnerQuestion): Owner | undefined {
  if (own?.leader === undefined) return undefined
  if (own.pidFile.kind === 'negative' && own.judgement === 'live')
    return { name: 'operator-pg_ctl', evidence: `a single-user backend (pid ${own.leader.pid}) works on the cluster` }
  if (cluster.serviceManager !== 'systemd' || service === undefined || service.job !== '') return undefined
  if (service.state !== 'inactive' && service.state !== 'failed') return undefined
  return { name: 'operator-pg_ctl', evidence: `the server runs (pid ${own.leader.pid}) although ${service.object} is ${service.state}` }
}

function describe(process: ProcessStatus): string {
  return `${programOf(process)} (pid ${process.pid})`
}
