import type { ControlFile } from '../../core/facts.ts'
import type { Hindrance } from '../../core/hindrance.ts'
import { parseSlotState, SLOT_STATE_BYTES } from '../../core/postgres/slot-state.ts'
import type { Finder, Inspected } from './ground.ts'
import { modesFor, unstartable } from './ground.ts'

/** What every cluster has: without one of these a directory is no longer the one that it was. */
const INDISPENSABLE = ['global', 'base', 'base/1', 'pg_xact', 'pg_multixact/offsets', 'pg_multixact/members', 'pg_wal']

/** Directories without which the server does not start or cannot end a checkpoint, and why making them anew loses nothing; else why it might. */
const REPLACEABLE: readonly { readonly name: string; readonly mayHold: (ground: Inspected) => Promise<string | undefined> }[] = [
  { name: 'pg_notify', mayHold: nothing },
  { name: 'pg_subtrans', mayHold: nothing },
  { name: 'pg_logical', mayHold: logicalState },
  { name: 'pg_logical/snapshots', mayHold: logicalState },
  { name: 'pg_logical/mappings', mayHold: logicalState },
  { name: 'pg_replslot', mayHold: nothing },
  { name: 'pg_commit_ts', mayHold: commitTimes },
  { name: 'pg_twophase', mayHold: preparedTransactions },
]

const TOLD: Readonly<Record<string, string>> = {
  pg_replslot: 'replication slots that were in it are gone with it: standbys and subscribers that used one need a new one',
}

/** Directories that copying programs like to leave out because they are empty. They are made anew only where all else is in its place. */
export const findMissingDirectories: Finder = async (ground) => {
  const missing = await listMissing(ground, INDISPENSABLE)
  if (missing.length > 0) return missing.map((name) => gone(ground, name))
  const found: Hindrance[] = []
  for (const name of await listMissing(
    ground,
    REPLACEABLE.map(({ name }) => name),
  ))
    found.push(await judge(ground, name))
  return found
}

async function listMissing({ cluster, outside }: Inspected, names: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => outside.files.resolve(`${cluster.dataDirectory}/${name}`)))
  return names.filter((_, index) => found[index] === undefined)
}

function gone({ cluster }: Inspected, name: string): Hindrance {
  const place = `${cluster.dataDirectory}/${name}`
  return unstartable(place, `${name} is missing in the data directory, or leads to a volume that is not mounted`, {
    evidence: ['what was in it cannot be made anew: it comes back with its volume, or from a backup'],
    commands: [{ shell: `ls -ld ${place}; findmnt` }],
  })
}

async function judge(ground: Inspected, name: string): Promise<Hindrance> {
  const { cluster, directory, controlFile } = ground
  const place = `${cluster.dataDirectory}/${name}`
  const mode = modesFor(directory).directory
  const doubt =
    controlFile === undefined ? 'pg_control cannot be read' : await REPLACEABLE.find((each) => each.name === name)?.mayHold(ground)
  const commands = [{ shell: `sudo -u postgres mkdir -m ${mode.toString(8)} ${place}` }]
  if (doubt !== undefined)
    return unstartable(place, `${name} is missing in the data directory, and it may have held something: ${doubt}`, { commands })
  const told = TOLD[name]
  return unstartable(place, `${name} is missing in the data directory`, {
    evidence: [`everything else is in its place${told === undefined ? ', and nothing is lost with it' : `; ${told}`}`],
    commands,
    mend: { kind: 'make-directory', mode },
  })
}

async function nothing(): Promise<undefined> {
  return undefined
}

async function preparedTransactions({ controlFile }: Inspected): Promise<string | undefined> {
  return isOff(controlFile, ({ maxPreparedTransactions }) => maxPreparedTransactions === 0)
    ? undefined
    : 'the server allowed prepared transactions, and one that waits for its commit may have been in it'
}

async function commitTimes({ controlFile }: Inspected): Promise<string | undefined> {
  return isOff(controlFile, ({ tracksCommitTimestamps }) => !tracksCommitTimestamps)
    ? undefined
    : 'the server kept the times of commits in it'
}

async function logicalState({ cluster, outside: { files } }: Inspected): Promise<string | undefined> {
  const slots = (await files.list(`${cluster.dataDirectory}/pg_replslot`)) ?? []
  for (const slot of slots) {
    const state = await files.read(`${cluster.dataDirectory}/pg_replslot/${slot}/state`, { maxBytes: SLOT_STATE_BYTES })
    if (state !== undefined && parseSlotState(state)?.kind === 'logical') return `the logical replication slot ${slot} kept its state in it`
  }
  return undefined
}

function isOff(controlFile: ControlFile | undefined, off: (controlFile: ControlFile) => boolean): boolean {
  return controlFile !== undefined && off(controlFile)
}
