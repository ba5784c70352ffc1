import { existsSync, globSync, readFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import type { Incident } from '../../../src/core/incident.ts'
import { serversIn } from '../../support/cluster-processes.ts'
import type { Made } from './damages/damage.ts'
import type { Stage } from './stage.ts'

/** Files of the data directory that nothing but a person may change. */
const UNTOUCHABLE = ['PG_VERSION', 'pg_hba.conf', 'pg_ident.conf', 'postgresql.conf', 'postgresql.auto.conf']

/** What must be the same after a run as before it. */
export interface Snapshot {
  readonly files: Readonly<Record<string, string>>
}

export function takeSnapshot({ cluster }: Stage): Snapshot {
  const digest = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(`${cluster.dataDirectory}/${name}`))
      .digest('hex')
  return { files: Object.fromEntries(UNTOUCHABLE.map((name) => [name, digest(name)])) }
}

/** What a run must not have made worse, and its counters: one sentence for each thing that is wrong. */
export async function findProblems(stage: Stage, before: Snapshot, made: Made, attempts: number | undefined): Promise<readonly string[]> {
  return [
    ...changedFiles(before, takeSnapshot(stage)),
    ...(await wrongServer(stage)),
    ...wrongStory(stage, attempts),
    ...leftovers(stage),
    ...((await made.problems?.()) ?? []),
  ]
}

function changedFiles(before: Snapshot, after: Snapshot): readonly string[] {
  return Object.keys(before.files)
    .filter((name) => before.files[name] !== after.files[name])
    .map((name) => `${name} was changed`)
}

async function wrongServer({ server, cluster }: Stage): Promise<readonly string[]> {
  const postmasters = serversIn(cluster.dataDirectory).filter(({ pid }) => isPostmaster(pid))
  const settings = await server.psql(`select current_setting('zero_damaged_pages'), count(*) from pg_db_role_setting`)
  return [
    ...(postmasters.length === 1 ? [] : [`${String(postmasters.length)} postmasters run`]),
    ...(settings === 'off|0' ? [] : [`zero_damaged_pages and its stored settings: ${settings}`]),
  ]
}

function isPostmaster(pid: number): boolean {
  return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes('\0-D\0')
}

/** The incidents that are on record. */
export function readIncidents({ stateDirectory }: Stage): readonly Incident[] {
  return globSync(`${stateDirectory}/incidents/*/incident.json`)
    .sort()
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as Incident)
}

/** Subjects of the mails that wait in the outbox. */
export function readSubjects({ stateDirectory }: Stage): readonly string[] {
  return globSync(`${stateDirectory}/outbox/*.json`)
    .sort()
    .map((path) => (JSON.parse(readFileSync(path, 'utf8')) as { subject: string }).subject)
}

/** Attempts of all incidents that are on record. */
export function countAttempts(stage: Stage): number {
  return readIncidents(stage).reduce((sum, incident) => sum + incident.attempts, 0)
}

function wrongStory(stage: Stage, expected: number | undefined): readonly string[] {
  const incidents = readIncidents(stage)
  const attempts = countAttempts(stage)
  const open = incidents.filter((incident) => incident.outcome === '')
  return [
    ...(incidents.length > 0 ? [] : ['no incident is on record']),
    ...(attempts === (expected ?? attempts) ? [] : [`${String(attempts)} attempts are on record instead of ${String(expected)}`]),
    ...open.map((incident) => `the incident ${incident.id} was never closed`),
    ...(readSubjects(stage).some((subject) => /SUCCESS|serving again/.test(subject)) ? [] : ['no mail tells that the trouble is over']),
  ]
}

function leftovers({ stateDirectory, runtimeDirectory, cluster }: Stage): readonly string[] {
  const holds = globSync(`${runtimeDirectory}/hold-*`)
  const parts = globSync(`${stateDirectory}/**/.*.new`)
  const inData = globSync(`${cluster.dataDirectory}/**/*.new`)
  return [...holds, ...parts, ...inData].filter((path) => existsSync(path)).map((path) => `left behind: ${path}`)
}
