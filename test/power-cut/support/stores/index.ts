import { changes } from './changes.ts'
import { incident } from './incident.ts'
import { journal } from './journal.ts'
import { moves } from './moves.ts'
import { outbox } from './outbox.ts'
import { state } from './state.ts'
import type { Store } from './store.ts'

/** Everything that pgwatchd keeps on disk and must not lose. */
export const STORES: readonly Store[] = [state, journal, outbox, incident, changes, moves]

export function storeNamed(name: string): Store {
  const store = STORES.find((each) => each.name === name)
  if (store === undefined) throw new Error(`no such store: ${name}`)
  return store
}
