import { anyOf } from './any-of.ts'
import type { ServerMessage } from './log-line.ts'

const SLOTS_REFUSED = anyOf(/^remaining connection slots/, /^sorry, too many clients/, /^too many connections/)

const CLIENT_REFUSAL = anyOf(
  /^the database system is /,
  /authentication failed/,
  /^canceling authentication/,
  /^no pg_hba\.conf entry/,
  /^pg_hba\.conf rejects/,
  /^(?:role|database) ".*" (?:does not exist|is not permitted)/,
  /^terminating /,
  SLOTS_REFUSED,
  /^connection to client lost/,
  /^unsupported frontend protocol/,
)

/** A FATAL that ends one session or refuses one client: it says nothing about why a server is down. */
export function isClientRefusal({ severity, text }: ServerMessage): boolean {
  return severity === 'FATAL' && CLIENT_REFUSAL.test(text)
}

/** A client that was refused because a limit on connections was reached, whichever. */
export function isRefusalForSlots({ severity, text }: ServerMessage): boolean {
  return severity === 'FATAL' && SLOTS_REFUSED.test(text)
}
