import type { Cause } from '../core/cause.ts'
import type { Incident } from '../core/incident.ts'
import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import type { Log } from '../ports/log.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Random } from '../ports/random.ts'
import { incidentIds, isIncidentId, newestKeptWallMs, readIncident, removeFolder } from './incident-files.ts'
import { incidentIdFor } from './incident-id.ts'
import { sweep } from './sweep.ts'
import { withBoundedTimeline } from './incident-timeline.ts'

export interface Opening {
  /** Chosen by the store unless given; an incident with this id that is there already is taken up again. */
  readonly id?: string
  readonly cluster: string
  readonly cause: Cause
  readonly verdict: string
  readonly evidence?: readonly string[]
  readonly ruledOut?: readonly string[]
}

export interface Ending {
  /** `recovered`, `recovered-without-us`, `false-alarm` */
  readonly outcome: string
  readonly downtimeMs: number | undefined
}

/**
 * Incidents on disk, a folder each with `incident.json`. Without room on disk an incident lives in memory, which the
 * journal says once, and is written with its next change that finds room.
 */
export interface IncidentStore {
  open(opening: Opening): Promise<Incident>
  /** Durable when it resolves, unless the disk is in trouble. Returns what was kept, its timeline bounded. */
  update(incident: Incident): Promise<Incident>
  close(incident: Incident, ending: Ending): Promise<Incident>
  /** Newest first, at most 1,000. */
  list(): Promise<readonly Incident[]>
  /** `undefined` when there is none with that id, or the id is none. */
  /** `undefined` also for one that cannot be read now, which the journal says: no recovery waits for a story. */
  read(id: string): Promise<Incident | undefined>
  /** The incident's folder. Throws for what is no id: it would lead out of the directory. */
  directoryOf(id: string): string
  /** Incidents that are in memory only. */
  unsaved(): number
  /**
   * Removes closed incidents that are older than `keepMs` or beyond the newest `keepCount`. One that holds something to be
   * put back (before-images, moved files) goes by age only. Returns the removed ids.
   */
  prune(limits: { readonly keepMs: number; readonly keepCount: number }): Promise<readonly string[]>
}

export interface IncidentStoreNeeds {
  readonly files: Files
  /** `/var/lib/pgwatchd/incidents` */
  readonly directory: string
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

const MAXIMUM_LISTED = 1000
const MAXIMUM_UNSAVED = 50

export function createIncidentStore(needs: IncidentStoreNeeds): IncidentStore {
  return new StoredIncidents(needs)
}

class StoredIncidents implements IncidentStore {
  readonly #needs: IncidentStoreNeeds
  readonly #unsaved = new Map<string, Incident>()

  constructor(needs: IncidentStoreNeeds) {
    this.#needs = needs
  }

  async open(opening: Opening): Promise<Incident> {
    const openedAtWallMs = this.#needs.clock.wallMs()
    const id = opening.id ?? incidentIdFor(opening.cluster, opening.cause, openedAtWallMs, this.#needs.random)
    const earlier = await this.read(id)
    return earlier ?? this.update(toIncident(id, openedAtWallMs, opening))
  }

  async update(incident: Incident): Promise<Incident> {
    const bounded = withBoundedTimeline(incident)
    const folder = this.directoryOf(bounded.id)
    try {
      await this.#needs.files.makeDirectory(folder, 0o700)
      await this.#needs.files.writeDurably(`${folder}/incident.json`, `${JSON.stringify(bounded, undefined, 2)}\n`, 0o600)
      this.#unsaved.delete(bounded.id)
    } catch (error) {
      this.#keepInMemory(bounded, error)
    }
    return bounded
  }

  async close(incident: Incident, ending: Ending): Promise<Incident> {
    const closed = await this.update({ ...incident, ...ending, closedAtWallMs: this.#needs.clock.wallMs() })
    await sweep(this.#needs.files, this.directoryOf(closed.id))
    return closed
  }

  async list(): Promise<readonly Incident[]> {
    const { files, directory } = this.#needs
    const onDisk = (await incidentIds(files, directory)).filter((id) => !this.#unsaved.has(id))
    const incidents = [...this.#unsaved.values()]
    for (const id of onDisk.slice(0, MAXIMUM_LISTED)) {
      const incident = await readIncident(files, directory, id)
      if (incident !== undefined) incidents.push(incident)
    }
    return incidents.sort((left, right) => (left.id < right.id ? 1 : -1)).slice(0, MAXIMUM_LISTED)
  }

  async read(id: string): Promise<Incident | undefined> {
    if (!isIncidentId(id)) return undefined
    try {
      return this.#unsaved.get(id) ?? (await readIncident(this.#needs.files, this.#needs.directory, id))
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      this.#needs.log.write({ level: 'warning', event: 'incident-not-read', message: `an incident is taken for unknown: ${error.message}` })
      return undefined
    }
  }

  directoryOf(id: string): string {
    if (!isIncidentId(id)) throw new Error(`not the id of an incident: ${JSON.stringify(id)}`)
    return `${this.#needs.directory}/${id}`
  }

  unsaved(): number {
    return this.#unsaved.size
  }

  async prune(limits: { readonly keepMs: number; readonly keepCount: number }): Promise<readonly string[]> {
    const { files, directory } = this.#needs
    const removed: string[] = []
    for (const [position, id] of (await incidentIds(files, directory)).entries()) {
      if (!(await this.#mayGo(id, position, limits))) continue
      await removeFolder(files, this.directoryOf(id))
      removed.push(id)
    }
    return removed
  }

  /**
   * What cannot be read is left for a person. A moved file keeps its old time of modification, so the age of what was kept
   * is that of the incident.
   */
  async #mayGo(id: string, position: number, limits: { readonly keepMs: number; readonly keepCount: number }): Promise<boolean> {
    const incident = await this.read(id)
    if (incident?.closedAtWallMs === undefined) return false
    const oldWallMs = this.#needs.clock.wallMs() - limits.keepMs
    const isOld = incident.closedAtWallMs < oldWallMs
    if (!isOld && position < limits.keepCount) return false
    const keptWallMs = await newestKeptWallMs(this.#needs.files, this.directoryOf(id))
    return keptWallMs === undefined || (isOld && keptWallMs < oldWallMs)
  }

  #keepInMemory(incident: Incident, error: unknown): void {
    if (!(error instanceof OutsideError)) throw error
    if (!this.#unsaved.has(incident.id)) this.#sayUnsaved(incident, error)
    this.#unsaved.delete(incident.id)
    this.#unsaved.set(incident.id, incident)
    const oldest = [...this.#unsaved.keys()][0]
    if (this.#unsaved.size > MAXIMUM_UNSAVED && oldest !== undefined) this.#unsaved.delete(oldest)
  }

  #sayUnsaved(incident: Incident, error: OutsideError): void {
    this.#needs.log.write({
      level: 'warning',
      event: 'incident-not-saved',
      message: `the incident is kept in memory only, because it cannot be written: ${error.message}`,
      cluster: incident.cluster,
      incident: incident.id,
      fields: { code: error.code },
    })
  }
}

function toIncident(id: string, openedAtWallMs: number, opening: Opening): Incident {
  return {
    version: 1,
    id,
    cluster: opening.cluster,
    cause: opening.cause,
    openedAtWallMs,
    closedAtWallMs: undefined,
    verdict: opening.verdict,
    evidence: opening.evidence ?? [],
    ruledOut: opening.ruledOut ?? [],
    attempts: 0,
    downtimeMs: undefined,
    outcome: '',
    timeline: [],
  }
}
