import { withoutHarmfulAdvice, withoutHarmfulLines } from '../core/postgres/harmful-advice.ts'
import type { Alert, AlertKind } from '../core/alert.ts'
import type { AlertFacts, Telling } from './alert-facts.ts'
import { KINDS } from './kinds.ts'
import { configurationRefused, stateNotSaved, test } from './tell-daemon.ts'
import { causeCommands } from './telling.ts'
import { recoveredWithoutUs, recoveryExhausted, recoveryFailed, recoveryHeld, recoveryStarted, recoverySucceeded } from './tell-recovery.ts'
import { operatorStopped, personNeeded, starting, warning, warningCleared } from './tell-trouble.ts'

type Teller = (facts: AlertFacts) => Telling

/** How each kind is told; the compiler refuses a missing one. */
const TELLERS: Readonly<Record<AlertKind, Teller>> = {
  'recovery-started': recoveryStarted,
  'recovery-succeeded': recoverySucceeded,
  'recovery-failed': recoveryFailed,
  'recovery-held': recoveryHeld,
  'recovery-exhausted': recoveryExhausted,
  'recovered-without-us': recoveredWithoutUs,
  'person-needed': personNeeded,
  'operator-stopped': operatorStopped,
  starting,
  warning,
  'warning-cleared': warningCleared,
  'configuration-refused': configurationRefused,
  'state-not-saved': stateNotSaved,
  test,
}

/** Makes an alert of what is known. Pure; copes with missing facts. */
export function buildAlert(facts: AlertFacts): Alert {
  return withoutHarm({ ...basis(facts), ...TELLERS[facts.kind](facts) })
}

/** The server's words are quoted, but not what it advises blindly. */
function withoutHarm(alert: Alert): Alert {
  const { headline, verdict, evidence, notDone, logTail } = alert
  return {
    ...alert,
    headline: withoutHarmfulAdvice(headline),
    verdict: withoutHarmfulAdvice(verdict),
    evidence: evidence.map(withoutHarmfulAdvice),
    notDone: notDone.map(withoutHarmfulAdvice),
    logTail: withoutHarmfulLines(logTail),
  }
}

function basis(facts: AlertFacts): Alert {
  const { kind, host, wallMs, assessment, incident, cluster } = facts
  return {
    kind,
    host,
    wallMs,
    severity: KINDS[kind].severity,
    cluster: cluster?.name ?? '',
    incidentId: incident?.id ?? '',
    repeatKey: facts.matter?.key ?? assessment?.cause ?? incident?.cause ?? kind,
    headline: KINDS[kind].headline,
    verdict: assessment?.verdict ?? incident?.verdict ?? KINDS[kind].headline,
    evidence: [...(assessment?.evidence ?? incident?.evidence ?? []), ...(facts.holders ?? []).map(({ sentence }) => sentence)],
    ruledOut: assessment?.ruledOut ?? incident?.ruledOut ?? [],
    done: facts.outcome?.done ?? [],
    notDone: facts.outcome?.notDone ?? [],
    downtimeMs: facts.downtimeMs,
    timeline: facts.timeline ?? incident?.timeline ?? [],
    logTail: facts.logTail ?? [],
    nextCommands: causeCommands(facts),
  }
}
