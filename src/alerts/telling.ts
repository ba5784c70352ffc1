import type { Cause } from '../core/cause.ts'
import type { Cluster } from '../core/cluster.ts'
import type { AlertFacts } from './alert-facts.ts'
import { localDateTime, localOffsetMinutesAt, offsetName } from './human-time.ts'
import { commandsFor, toShell } from './next-commands.ts'

/** The cause now, or the one that the incident was opened for. */
export function causeOf(facts: AlertFacts): Cause | undefined {
  return facts.assessment?.cause ?? facts.incident?.cause
}

/** The verdict now, or the incident's first one; no full stop. */
export function verdictOf(facts: AlertFacts): string {
  return facts.assessment?.verdict ?? facts.incident?.verdict ?? 'the cause is not known'
}

/** What ends exactly this trouble, then what to look at for its cause; none without a cluster. */
export function causeCommands(facts: AlertFacts): readonly string[] {
  const { cluster, assessment, login } = facts
  if (cluster === undefined) return []
  const exact = (assessment?.commands ?? []).map((command) => toShell(cluster, command))
  return [...exact, ...holderCommands(facts, cluster), ...commandsFor(causeOf(facts), cluster, login)]
}

/** What a person may decide about who holds the space. The ballast is among it only where pgwatchd may not give it up itself. */
export function holderCommands({ kind, holders = [] }: AlertFacts, cluster: Cluster): readonly string[] {
  return holders
    .filter((holder) => holder.kind !== 'ballast' || kind === 'person-needed')
    .flatMap(({ commands }) => commands)
    .map(({ as, text, remark }) => `${toShell(cluster, as === 'sql' ? { sql: text } : { shell: text })}    # ${remark}`)
}

/** Shows the whole incident; none outside an incident. */
export function incidentCommand(facts: AlertFacts): readonly string[] {
  return facts.incident === undefined ? [] : [`pgwatchd incidents ${facts.incident.id}`]
}

/** A command of pgwatchd for the alert's cluster: "pgwatchd resume --cluster 15-main". */
export function ownCommand(facts: AlertFacts, command: string): string {
  return facts.cluster === undefined ? `pgwatchd ${command}` : `pgwatchd ${command} --cluster ${facts.cluster.name}`
}

/** "03:14:12 (UTC+01:00)" */
export function clockTime(wallMs: number): string {
  const offset = localOffsetMinutesAt(wallMs)
  return `${localDateTime(wallMs, offset).slice(11)} (UTC${offsetName(offset)})`
}
