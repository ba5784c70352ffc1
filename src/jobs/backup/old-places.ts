import { OutsideError } from '../../ports/outside-error.ts'
import { ask } from '../../server/ask.ts'
import { quoteIdentifier } from '../../server/quote.ts'
import type { BackupGround, Outcome } from './backup.ts'
import { refuse } from './refuse.ts'
import { removeTree } from './store.ts'

const STAMP = '[0-9]{8}T[0-9]{6}Z'
const TIMEOUT_MS = 300_000

/** What restores have put aside and nobody has dropped yet. */
export interface OldPlaces {
  readonly directories: readonly string[]
  readonly databases: readonly string[]
}

/** Databases are not listed while the server cannot be asked. */
export async function findOldPlaces({ outside, cluster }: BackupGround, signal: AbortSignal): Promise<OldPlaces> {
  const cut = cluster.dataDirectory.lastIndexOf('/')
  const [parent, name] = [cluster.dataDirectory.slice(0, cut), cluster.dataDirectory.slice(cut + 1)]
  const isOld = new RegExp(`^${name.replaceAll(/[.*+?^$()[\]{}|\\]/g, '\\$&')}\\.before-${STAMP}$`)
  const names = (await outside.files.list(parent === '' ? '/' : parent)) ?? []
  const text = `select datname from pg_catalog.pg_database where datname ~ '_before_${STAMP.toLowerCase()}$' order by 1`
  const answer = await ask(outside, { text, timeoutMs: 10_000, purpose: 'restore' }, signal)
  return {
    directories: names.filter((each) => isOld.test(each)).map((each) => `${parent}/${each}`),
    databases: answer.ok ? answer.value.map((row) => String(row['datname'])) : [],
  }
}

/** Removes what a restore has put aside; only what `findOldPlaces` names. */
export async function dropOldPlaces(ground: BackupGround, places: OldPlaces, signal: AbortSignal): Promise<Outcome<readonly string[]>> {
  const dropped: string[] = []
  try {
    for (const directory of places.directories) {
      if (ground.outside.processes.postgresIn(directory).length > 0) return refuse('in-use', `a server runs on ${directory}`)
      await removeTree(ground, directory, signal)
      dropped.push(directory)
    }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return refuse('disk', error.message, error.hint)
  }
  for (const name of places.databases) {
    const answer = await ask(
      ground.outside,
      { text: `drop database ${quoteIdentifier(name)}`, timeoutMs: TIMEOUT_MS, purpose: 'restore' },
      signal,
    )
    if (!answer.ok) return refuse('server', `${name} was not dropped: ${answer.failure.message}`, 'end its sessions and try again')
    dropped.push(`database ${name}`)
  }
  return { ok: true, value: dropped }
}
