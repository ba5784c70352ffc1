import type { LogEnding } from '../facts.ts'
import { isClientRefusal } from './client-refusal.ts'
import { readMessages } from './server-messages.ts'
import type { AttributedMessage } from './server-messages.ts'

const SIGN_OF_LIFE = /^(?:starting PostgreSQL|database system was |database system is ready|checkpoint (?:starting|complete)|redo )/
const REQUEST = /^received (smart|fast|immediate) shutdown request/
const SHUT_DOWN = /^database system is shut down/
const ABNORMAL = /^(?:abnormal database system shutdown|aborting startup due to)/

/** How the last lines of the server's log end; `unknown` when no message of the server is among them. */
export function readLogEnding(lines: readonly string[]): LogEnding {
  return readMessages(lines).reduce(follow, 'unknown')
}

function follow(before: LogEnding, message: AttributedMessage): LogEnding {
  const { severity, text, bySession } = message
  if (severity === 'PANIC' || (severity === 'FATAL' && !isClientRefusal(message))) return 'failed'
  if (severity !== 'LOG' || bySession) return before === 'unknown' ? 'running' : before
  const request = REQUEST.exec(text)?.[1]
  if (request !== undefined) return request === 'immediate' ? 'immediate-stop' : 'stopping'
  if (ABNORMAL.test(text)) return 'failed'
  if (SHUT_DOWN.test(text)) return before === 'stopping' ? 'stopped' : before
  return isSignOfLife(before, text) ? 'running' : before
}

/** The checkpoint of an orderly stop comes after its request. */
function isSignOfLife(before: LogEnding, text: string): boolean {
  if (before === 'unknown') return true
  return SIGN_OF_LIFE.test(text) && !(before === 'stopping' && text.startsWith('checkpoint'))
}
