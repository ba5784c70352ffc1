import type { ControlAnswer } from './control-protocol.ts'

/** The last answer of a request that was carried out. */
export function done(text: string): ControlAnswer {
  return { type: 'done', ok: true, text }
}

/** The last answer of one that was not; `code` as in the protocol. */
export function refusal(code: string, text: string, hint: string): ControlAnswer {
  return { type: 'done', ok: false, code, text, hint }
}
