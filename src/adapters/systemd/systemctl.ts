import type { Clock } from '../../ports/clock.ts'
import type { CommandResult, Commands } from '../../ports/commands.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { ServiceOutcome } from '../../ports/service-manager.ts'
import { parseShow, showsJob } from './unit-properties.ts'
import type { UnitProperties } from './unit-properties.ts'

const SHOW_TIMEOUT_MS = 2_000
/** Without the bus, a process per question: not more often than this. */
const SHOW_INTERVAL_MS = 2_000

/** Runs `systemctl` on one unit. Never rejects; never asks for a password. */
export function createSystemctl(unit: string, commands: Commands) {
  return async (verb: readonly string[], timeoutMs: number, signal?: AbortSignal): Promise<ServiceOutcome> => {
    const run = () => commands.run({ file: 'systemctl', arguments: ['--no-ask-password', ...verb, unit], timeoutMs }, signal)
    const sentence = `systemctl ${verb.join(' ')} ${unit}`
    try {
      return toOutcome(sentence, await run(), timeoutMs)
    } catch (error) {
      if (error instanceof OutsideError) return { ok: false, detail: error.message, timedOut: false }
      throw error
    }
  }
}

function toOutcome(sentence: string, result: CommandResult, timeoutMs: number): ServiceOutcome {
  if (result.outcome === 'exited' && result.exitCode === 0) return { ok: true, detail: sentence, timedOut: false }
  const timedOut = result.outcome === 'timed-out'
  return { ok: false, detail: `${sentence}: ${whyNot(result, timeoutMs)}`, timedOut }
}

function whyNot(result: CommandResult, timeoutMs: number): string {
  if (result.outcome === 'timed-out') return `no answer within ${timeoutMs} ms; the job goes on`
  if (result.outcome !== 'exited') return result.outcome
  const said = result.stderr.trim().split('\n')[0] ?? ''
  return said === '' ? `exit code ${result.exitCode}` : said
}

/** Asks `systemctl show` for a unit's properties, at most every 2 s; in between the last answer stands. */
export function createShow(unit: string, commands: Commands, clock: Clock): (signal?: AbortSignal) => Promise<UnitProperties | undefined> {
  let askedAtMs = Number.NEGATIVE_INFINITY
  let last: Promise<UnitProperties | undefined> = Promise.resolve(undefined)
  return (signal) => {
    if (clock.monotonicMs() - askedAtMs < SHOW_INTERVAL_MS) return last
    askedAtMs = clock.monotonicMs()
    last = show(unit, commands, signal)
    return last
  }
}

async function show(unit: string, commands: Commands, signal?: AbortSignal): Promise<UnitProperties | undefined> {
  const ask = async (...verb: string[]) => {
    const result = await commands.run(
      { file: 'systemctl', arguments: ['--no-ask-password', ...verb, unit], timeoutMs: SHOW_TIMEOUT_MS },
      signal,
    )
    return result.outcome === 'exited' && result.exitCode === 0 ? result.stdout : ''
  }
  try {
    const text = await ask('show', '--property=ActiveState,Result,MainPID,Job,Restart')
    const jobs = showsJob(text) ? await ask('list-jobs', '--no-legend', '--plain') : ''
    return parseShow(text, jobs.trim().split(/\s+/)[2] ?? '')
  } catch (error) {
    if (error instanceof OutsideError) return undefined
    throw error
  }
}
