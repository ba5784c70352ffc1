import { anyOf } from './any-of.ts'
import type { ServerMessage } from './log-line.ts'

const CLIENT_REFUSAL = anyOf(
  /^the database system is /,
  /authentication failed/,
  /^canceling authentication/,
  /^no pg_hba\.conf entry/,
  /^pg_hba\.conf rejects/,
  /^(?:role|database) ".*" (?:does not exist|is not permitted)/,
  /^terminating /,
  /^remaining connection slots/,
  /^sorry, too many clients/,
  /^too many connections/,
  /^connection to client lost/,
  /^unsupported frontend protocol/,
)

/** A FATAL that ends one session or refuses one client: it says nothing about why a server is down. */
export function isClientRefusal({ severity, text }: ServerMessage): boolean {
  return severity === 'FATAL' && CLIENT_REFUSAL.test(text)
}
