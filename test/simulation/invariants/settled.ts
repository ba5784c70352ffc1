import { isServing, STATE_DIRECTORY, type World } from '../world.ts'
import type { Invariant } from './invariant.ts'

/** Modes in which a person is needed, and has been told. */
const ENDS = ['waiting', 'exhausted', 'paused']

export const settled: Invariant = {
  name: 'settled',
  meaning: 'after the last fault, within a bound: healthy, or left to a person who was told, and nothing more is done',
  watch: (world, violate) => ({
    onEnd() {
      const watch = world.daemon()?.watch()
      if (watch === undefined) return violate('no pgwatchd runs')
      const { mode, incidentId, cause } = watch.state
      const standing = `the mode is ${mode}, the cause ${cause ?? 'none'}, the server ${world.machine.server.phase}`
      if (watch.recovery !== undefined) return violate(`a recovery is under way: ${standing}`)
      if (mode === 'healthy') return isServing(world) ? undefined : violate(`all is taken for well: ${standing}`)
      if (!ENDS.includes(mode)) return violate(standing)
      if (mode === 'paused' || isTold(world, incidentId ?? '')) return undefined
      return violate(`nobody was told: ${standing}`)
    },
  }),
}

/** A mail of the incident was taken, refused for good, or waits on disk for a mail server that is down. */
function isTold({ machine }: World, incidentId: string): boolean {
  const { mailer, files } = machine
  const isOf = ({ messageId }: { readonly messageId: string }): boolean => messageId.startsWith(`${incidentId}.`)
  if (incidentId === '') return false
  if (mailer.sent.some(isOf)) return true
  const outbox = files.disk.find(`${STATE_DIRECTORY}/outbox`, true)?.inode?.entries ?? new Map<string, never>()
  return [...outbox.keys()].some((name) => files.textOf(`${STATE_DIRECTORY}/outbox/${name}`)?.includes(`"${incidentId}.`) === true)
}
