import type { AlertKind } from '../core/alert.ts'
import type { Cause } from '../core/cause.ts'
import type { Decision } from '../core/decide.ts'
import type { Effect } from '../core/effect.ts'
import { closeIncident, openIncident } from './incidents.ts'
import { startRecovery } from './recover.ts'
import { resumeRecovery } from './resume.ts'
import { tell } from './tell.ts'
import type { Watch } from './watch.ts'

/** How a wait is told, where it is not for a person to end. */
const WAITING_KINDS: Partial<Readonly<Record<Cause, AlertKind>>> = { starting: 'starting', 'stopped-by-operator': 'operator-stopped' }

type Handler = (watch: Watch, decision: Decision) => Promise<void>

/** How each effect is carried out; the compiler refuses a missing one. */
const HANDLERS: Readonly<Record<Effect, Handler>> = {
  'open-incident': openIncident,
  'close-incident': closeIncident,
  'start-recovery': startRecovery,
  'resume-recovery': resumeRecovery,
  'alert-person-needed': (watch, decision) => tell(watch, decision, 'person-needed'),
  'alert-waiting': (watch, decision) => tell(watch, decision, WAITING_KINDS[decision.state.cause ?? 'unclear'] ?? 'person-needed'),
  'alert-operator-stopped': (watch, decision) => tell(watch, decision, 'operator-stopped'),
  'alert-recovered': (watch, decision) => tell(watch, decision, 'recovery-succeeded'),
  'alert-recovered-without-us': (watch, decision) => tell(watch, decision, 'recovered-without-us'),
  'alert-recovery-failed': (watch, decision) => tell(watch, decision, 'recovery-failed'),
  'alert-recovery-held': (watch, decision) => tell(watch, decision, 'recovery-held'),
  'alert-exhausted': (watch, decision) => tell(watch, decision, 'recovery-exhausted'),
}

export function carryOut(effect: Effect, watch: Watch, decision: Decision): Promise<void> {
  return HANDLERS[effect](watch, decision)
}
