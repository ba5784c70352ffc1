import { refusal } from './control-answers.ts'
import type { ControlAnswer } from './control-protocol.ts'
import type { Watch } from './watch.ts'

/** Why nothing that an operator asks for may begin, whatever is wrong; `undefined` when it may. */
export function standingObjection({ cluster: { name }, recovery, step, state }: Watch): ControlAnswer | undefined {
  if (recovery !== undefined) return refusal('busy', `${name}: a recovery is under way (${step})`, 'follow it with journalctl -fu pgwatchd')
  return state.mode === 'paused' ? refusal('refused', `${name} is paused`, 'run pgwatchd resume first') : undefined
}
