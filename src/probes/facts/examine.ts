import type { Cluster } from '../../core/cluster.ts'
import type { ControlFile, Facts, LogIndicators, StartupProgress } from '../../core/facts.ts'
import type { VolumeUse } from '../../ports/files.ts'
import type { Outside } from '../../ports/outside.ts'
import type { ProcessStatus } from '../../ports/processes.ts'
import type { ServiceStatus } from '../../ports/service-manager.ts'
import { unlessUnavailable } from './bounded.ts'
import { lookAtProcesses, toPostmasterFact } from './cluster-processes.ts'
import type { ClusterProcesses } from './cluster-processes.ts'
import { findConfigurationError } from './configuration-error.ts'
import { readControlFile } from './control-file.ts'
import { findDataDirectoryUser } from './data-directory-user.ts'
import { findOwner } from './owner.ts'
import { isPackageUpgrade } from './package-upgrade.ts'
import { computeFreeable, computeNeededBytes, findFullest } from './room.ts'
import { lookAtStartup } from './startup-progress.ts'
import type { StartupSample } from './startup-progress.ts'

/** What is remembered between two examinations of one cluster; lost on restart, at the cost of one more look. */
export interface FactsMemory {
  startup: StartupSample | undefined
}

export function createFactsMemory(): FactsMemory {
  return { startup: undefined }
}

export interface ExamineInput {
  readonly cluster: Cluster
  readonly outside: Outside
  readonly memory: FactsMemory
  /** What the server's log said since the last healthy tick. */
  readonly log: LogIndicators
  readonly settings: {
    /** A start in which nothing moves for this long is stalled. */
    readonly stallTimeoutMs: number
    readonly ballastBytes: number
    /** Server logs older than this may be removed. */
    readonly logAgeMs: number
    readonly stateDirectory: string
  }
}

/**
 * Looks up everything that causes are told by, at once, each part with a deadline of its own (1.5 s). Never rejects for
 * what the outside does: what cannot be looked at is `undefined` or `unknown`.
 */
export async function examine(input: ExamineInput, signal?: AbortSignal): Promise<Facts> {
  const { cluster, outside } = input
  const everybody = outside.processes.find(() => true)
  const basics = await lookAtBasics(input, everybody, signal)
  const { own, service, controlFile, volume } = basics
  const [startup, owner, freeable, configurationError] = await lookDeeper(input, basics, everybody, signal)
  return {
    postmaster: own === undefined ? { status: 'unknown', why: 'postmaster.pid could not be read in time' } : toPostmasterFact(own),
    service: toServiceFact(service),
    controlFile,
    pidFileStatus: toPidFileStatus(own),
    startup,
    log: input.log,
    owner,
    packageUpgrade: isPackageUpgrade(everybody),
    dataDirectoryUser: findDataDirectoryUser(cluster, outside.processes, everybody),
    smallestFreeBytes: volume?.availableBytes,
    neededFreeBytes: computeNeededBytes(controlFile),
    configurationError: configurationError ?? '',
    freeableBytes: freeable ?? 0,
  }
}

interface Basics {
  readonly own: ClusterProcesses | undefined
  readonly service: ServiceStatus | undefined
  readonly controlFile: ControlFile | undefined
  readonly volume: VolumeUse | undefined
}

async function lookAtBasics(input: ExamineInput, everybody: readonly ProcessStatus[], signal: AbortSignal | undefined): Promise<Basics> {
  const { cluster, outside } = input
  const [own, service, controlFile, volume] = await Promise.all([
    unlessUnavailable(outside.clock, signal, () => lookAtProcesses(cluster, { ...outside, everybody })),
    unlessUnavailable(outside.clock, signal, (deadline) => outside.service.status(deadline)),
    unlessUnavailable(outside.clock, signal, () => readIntactControlFile(input)),
    unlessUnavailable(outside.clock, signal, () => findFullest(cluster, outside.files)),
  ])
  return { own, service, controlFile, volume }
}

/** What can be looked at only once the basics are known. */
function lookDeeper(input: ExamineInput, basics: Basics, everybody: readonly ProcessStatus[], signal: AbortSignal | undefined) {
  const { cluster, outside } = input
  const { files, processes, commands, clock } = outside
  const { own, service, controlFile, volume } = basics
  const isDown = own !== undefined && own.processes.length === 0
  return Promise.all([
    unlessUnavailable(clock, signal, () => examineStartup(input, own, controlFile)),
    unlessUnavailable(clock, signal, () => findOwner({ cluster, files, processes, everybody, own, service })),
    unlessUnavailable(clock, signal, async () => volume && computeFreeable(cluster, files, { ...limitsOf(input), device: volume.device })),
    unlessUnavailable(clock, signal, async (deadline) => (isDown ? findConfigurationError(cluster, commands, deadline) : '')),
  ])
}

async function readIntactControlFile({ cluster, outside }: ExamineInput): Promise<ControlFile | undefined> {
  const reading = await readControlFile(cluster, outside)
  return reading?.ok ? reading.controlFile : undefined
}

/** A server that is not starting leaves nothing to compare the next start with. */
async function examineStartup(
  { cluster, outside, memory, settings }: ExamineInput,
  own: ClusterProcesses | undefined,
  controlFile: ControlFile | undefined,
): Promise<StartupProgress | undefined> {
  if (own?.leader === undefined) {
    memory.startup = undefined
    return undefined
  }
  const found = await lookAtStartup({
    clock: outside.clock,
    look: () => outside.processes.postgresIn(cluster.dataDirectory),
    controlState: controlFile?.state,
    stallTimeoutMs: settings.stallTimeoutMs,
    before: memory.startup,
  })
  memory.startup = found?.sample
  return found?.progress
}

function toServiceFact(service: ServiceStatus | undefined): Facts['service'] {
  if (service === undefined) return { state: 'unknown', result: '', job: '', restartsByItself: false }
  const { state, result, job, restartsByItself } = service
  return { state, result, job, restartsByItself }
}

/** A stale file says "ready" of a server that is dead: only a live one's word counts. */
function toPidFileStatus(own: ClusterProcesses | undefined): string {
  return own?.judgement === 'live' && own.pidFile.kind === 'ok' ? own.pidFile.status : ''
}

function limitsOf({ outside, settings }: ExamineInput): { nowWallMs: number; logAgeMs: number } {
  return { nowWallMs: outside.clock.wallMs(), logAgeMs: settings.logAgeMs }
}
