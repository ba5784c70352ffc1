/**
 * An expected failure of the outside world, told so that an operator can act on it.
 * Adapters reject with this and nothing else; any other error is a bug in pgwatchd.
 */
export class OutsideError extends Error {
  override readonly name = 'OutsideError'
  /** What was attempted, in the infinitive: "rename", "start". */
  readonly operation: string
  /** On what: a path, a unit, a host. */
  readonly object: string
  /** errno name (`ENOSPC`, `EDQUOT`), `timeout`, `aborted`, or an adapter's own word. */
  readonly code: string
  /** What the operator can do about it; empty when nothing is known to help. */
  readonly hint: string

  constructor(facts: { operation: string; object: string; code: string; reason: string; hint?: string; cause?: unknown }) {
    super(`cannot ${facts.operation} ${facts.object}: ${facts.reason}`, { cause: facts.cause })
    this.operation = facts.operation
    this.object = facts.object
    this.code = facts.code
    this.hint = facts.hint ?? ''
  }
}
