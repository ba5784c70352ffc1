import { OutsideError } from '../ports/outside-error.ts'
import type { Watch } from './watch.ts'

/**
 * Keeps everybody from starting a server whose start would lose committed transactions, until its files are mended or an operator
 * pauses the watch; otherwise sees that nobody is kept from it. Not to be called while a recovery is under way, which holds by itself.
 */
export async function settleHold(watch: Watch): Promise<void> {
  const { service } = watch.outside
  const wanted = isKeptDown(watch)
  if (wanted === watch.holds) return
  try {
    await (wanted ? service.hold() : service.release())
    watch.holds = wanted
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    const what = wanted ? 'held back from being started' : 'released for others to start'
    const message = `${watch.cluster.name}: the service cannot be ${what}: ${error.message}`
    watch.outside.log.write({ level: 'err', event: wanted ? 'hold-not-taken' : 'hold-not-released', message, cluster: watch.cluster.name })
  }
}

/** A pause takes effect as soon as it is saved. */
function isKeptDown({ state }: Watch): boolean {
  return state.cause === 'wal-damaged' && state.mode !== 'paused' && state.pause === null
}
