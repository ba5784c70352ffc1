import type { Cluster } from '../../core/cluster.ts'
import type { ControlFile, Facts, LogIndicators, StartupProgress } from '../../core/facts.ts'
import type { Room } from '../../core/disk/room.ts'
import { sumFreeable } from '../../core/disk/safe-list.ts'
import type { Outside } from '../../ports/outside.ts'
import type { ProcessStatus } from '../../ports/processes.ts'
import type { ServiceStatus } from '../../ports/service-manager.ts'
import { unlessUnavailable } from './bounded.ts'
import { lookAtProcesses, toPostmasterFact } from './cluster-processes.ts'
import type { ClusterProcesses } from './cluster-processes.ts'
import { readControlFile } from './control-file.ts'
import { lookAtDamages } from './damages.ts'
import type { DamagesMemory } from './damages.ts'
import type { FindHindrances } from './remains.ts'
import { lookAtSuspect } from './hardware.ts'
import { lookAtRemains, NO_REMAINS } from './remains.ts'
import { findOwner } from './owner.ts'
import { isPackageUpgrade } from './package-upgrade.ts'
import { lookAtPendingStart } from './pending-start.ts'
import type { PendingStartMemory } from './pending-start.ts'
import { lookAtSessions } from './sessions.ts'
import type { SessionsToLookAt } from './sessions.ts'
import type { WorkerMemory } from './worker.ts'
import { lookAtStuck } from './stuck-processes.ts'
import { lookAtStartup } from './startup-progress.ts'
import type { StartupSample } from './startup-progress.ts'
import { lookAtRooms } from '../space/rooms.ts'
import { listSafeFiles } from '../space/safe-files.ts'

/** What is remembered between two examinations of one cluster; lost on restart, at the cost of one more look. */
export interface FactsMemory extends PendingStartMemory, DamagesMemory, WorkerMemory {
  startup: StartupSample | undefined
}

export function createFactsMemory(): FactsMemory {
  return {
    startup: undefined,
    servedMonotonicMs: undefined,
    atEnd: undefined,
    pendingStartSinceMs: undefined,
    doubted: new Set(),
    proved: [],
  }
}

export interface ExamineInput {
  readonly cluster: Cluster
  readonly outside: Outside
  readonly memory: FactsMemory
  /** What the server's log said since the last healthy tick. */
  readonly log: LogIndicators
  /** Where it is absent, nothing is looked for. */
  readonly findHindrances?: FindHindrances
  readonly sessions: SessionsToLookAt
  readonly settings: {
    /** A start in which nothing moves for this long is stalled. */
    readonly stallTimeoutMs: number
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
  const { outside, settings, memory } = input
  const everybody = outside.processes.find(() => true)
  const basics = await lookAtBasics(input, everybody, signal)
  const { own, controlFile } = basics
  const [startup, owner, rooms, remains, damages, stuck, sessions, hardware] = await lookDeeper(input, basics, everybody, signal)
  const postmaster = toFact(own)
  const service = toServiceFact(basics.service)
  return {
    postmaster,
    stuck: stuck ?? [],
    hardware,
    service,
    pendingStart: lookAtPendingStart(
      memory,
      { service, postmaster },
      { nowMs: outside.clock.monotonicMs(), limitMs: settings.stallTimeoutMs },
    ),
    controlFile,
    pidFileLeft: own?.pidFileLeft ?? false,
    pidFileStatus: toPidFileStatus(own),
    startup,
    log: input.log,
    ...sessions,
    owner,
    packageUpgrade: isPackageUpgrade(everybody),
    ...remains,
    damages,
    rooms,
  }
}

interface Basics {
  readonly own: ClusterProcesses | undefined
  readonly service: ServiceStatus | undefined
  readonly controlFile: ControlFile | undefined
}

async function lookAtBasics(input: ExamineInput, everybody: readonly ProcessStatus[], signal: AbortSignal | undefined): Promise<Basics> {
  const { cluster, outside } = input
  const [own, service, controlFile] = await Promise.all([
    unlessUnavailable(outside.clock, signal, () => lookAtProcesses(cluster, { ...outside, everybody })),
    unlessUnavailable(outside.clock, signal, (deadline) => outside.service.status(deadline)),
    unlessUnavailable(outside.clock, signal, () => readIntactControlFile(input)),
  ])
  return { own, service, controlFile }
}

/** What can be looked at only once the basics are known; a server that runs is not asked what one that is down leaves behind. */
function lookDeeper(input: ExamineInput, basics: Basics, everybody: readonly ProcessStatus[], signal: AbortSignal | undefined) {
  const { cluster, outside, memory, log, findHindrances = async () => [] } = input
  const { files, processes, clock } = outside
  const { own, service, controlFile } = basics
  const isDown = ['absent', 'orphans'].includes(toFact(own).status)
  const isEmpty = own?.processes.length === 0
  // What pgwatchd itself reads there must not be taken for another's work.
  const damages = lookAtDamages({ cluster, outside, memory, controlFile }, log.damages, signal)
  const remains = isDown
    ? damages.then(() => lookAtRemains({ cluster, outside, everybody, isEmpty, findHindrances, memory }, signal))
    : Promise.resolve(NO_REMAINS)
  return Promise.all([
    unlessUnavailable(clock, signal, () => examineStartup(input, own, controlFile)),
    findOwner({ cluster, clock, files, processes, everybody, own, service }, signal),
    lookAtSpace(input, controlFile, signal),
    remains,
    damages,
    unlessUnavailable(clock, signal, async (deadline) => own && lookAtStuck({ clock, processes }, own, deadline)),
    lookAtSessions(input.sessions, clock, signal),
    remains.then(({ hindrances }) => lookAtSuspect({ ...input, readings: input.sessions.readings, hindrances }, signal)),
  ])
}

function toFact(own: ClusterProcesses | undefined): Facts['postmaster'] {
  return own === undefined ? { status: 'unknown', why: 'postmaster.pid could not be read in time' } : toPostmasterFact(own)
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

/** Each part with its own deadline: what the safe list holds is of no use without the room, but not the other way round. */
async function lookAtSpace(
  { cluster, outside, settings }: ExamineInput,
  controlFile: ControlFile | undefined,
  signal: AbortSignal | undefined,
): Promise<Facts['rooms']> {
  const { files, clock } = outside
  const question = { cluster, files, nowWallMs: clock.wallMs(), logAgeMs: settings.logAgeMs }
  const [rooms, safeFiles] = await Promise.all([
    unlessUnavailable(clock, signal, () => lookAtRooms(cluster, files, controlFile?.walSegmentBytes)),
    unlessUnavailable(clock, signal, () => listSafeFiles(question)),
  ])
  return rooms?.map((room: Room) => ({ ...room, freeable: sumFreeable(safeFiles ?? [], room.device) }))
}
