import type { View } from './diagnosis.ts'
import { serverIsDown } from './diagnosis.ts'

/**
 * How a server that is down came to its end. `crash` has left a trace of one; `stop` was asked for by a person;
 * `replaced` contradicts itself, as after a copy or a restore into the directory; `untraced` tells nothing.
 */
export type Ending =
  | { readonly kind: 'crash'; readonly strength: 'proven' | 'suspected'; readonly traces: readonly string[] }
  | { readonly kind: 'stop' | 'replaced' | 'untraced'; readonly traces: readonly string[] }

/** Results of a unit whose process was ended by somebody who did not ask it. */
const KILLED = ['signal', 'core-dump', 'oom-kill', 'watchdog']

/** Of a unit whose processes were ended because they did not obey a stop in time. */
const STOP_TOOK_TOO_LONG = 'timeout'

/** Judges only what is left behind; who owns the cluster and who works on it is asked elsewhere. `undefined` while the server runs. */
export function judgeEnding(view: View): Ending | undefined {
  if (!serverIsDown(view)) return undefined
  const asked = findRequest(view)
  const strong = strongTraces(view)
  if (asked !== '' && (strong.length === 0 || view.facts.service.result === STOP_TOOK_TOO_LONG)) return endingOfStop(view, asked)
  if (strong.length > 0) return { kind: 'crash', strength: 'proven', traces: strong }
  const weak = weakTraces(view)
  if (weak.length === 0) return { kind: 'untraced', traces: ['neither a lock file nor the service manager tells of a crash'] }
  return { kind: 'crash', strength: view.facts.logEnding === 'unknown' ? 'suspected' : 'proven', traces: weak }
}

/** How sure it is that the server crashed. */
export function strengthOfCrash(view: View): 'proven' | 'suspected' {
  const ending = judgeEnding(view)
  return ending?.kind === 'crash' ? ending.strength : 'suspected'
}

/** What tells that a person asked for the stop; empty when nothing does. */
function findRequest({ facts }: View): string {
  if (facts.service.job === 'stop') return 'the service manager was asked for the stop'
  if (facts.logEnding === 'immediate-stop') return 'the last word in the log is a request for an immediate stop'
  if (facts.logEnding === 'stopping' || facts.logEnding === 'stopped') return 'the last word in the log is a request to stop'
  return ''
}

/** A server that says in its log that it is shut down leaves no other control file behind. */
function endingOfStop({ facts }: View, asked: string): Ending {
  const state = facts.controlFile?.state
  const contradicts = facts.logEnding === 'stopped' && state !== 'shut down'
  if (!contradicts) return { kind: 'stop', traces: [asked] }
  return { kind: 'replaced', traces: ['the log says that the server was shut down', `the control file says "${state ?? 'unreadable'}"`] }
}

/** What no orderly end leaves behind. */
function strongTraces({ facts }: View): readonly string[] {
  const { postmaster, service } = facts
  return [
    ...(postmaster.status === 'orphans' ? [`server processes without a postmaster are left: ${postmaster.pids.join(', ')}`] : []),
    ...(facts.pidFileLeft ? ['postmaster.pid was left behind'] : []),
    ...(KILLED.includes(service.result) ? [`the service ended with result "${service.result}"`] : []),
    ...(facts.logEnding === 'failed' ? facts.log.panics : []),
  ]
}

/** What an end has left that nobody is known to have asked for. */
function weakTraces({ facts }: View): readonly string[] {
  const { state } = facts.service
  const startFailed = facts.logEnding === 'failed' ? ['the log ends with a fatal error'] : []
  return ['failed', 'active', 'deactivating'].includes(state) ? [`the service is ${state} without a server`, ...startFailed] : startFailed
}
