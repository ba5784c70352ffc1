import type { Reading } from '../core/reading.ts'
import { dropWorkSession, openWorkSession } from './ground.ts'
import type { Look, Probe } from './probe.ts'
import { fail, failBy, inMs, noGround, pass } from './readings.ts'

/** How long the login took; as the application user `authentication` has done it already. */
async function logIn(look: Look, signal: AbortSignal): Promise<number | Reading> {
  if (look.memory.applicationSession !== undefined) return look.before.authentication?.tookMs ?? 0
  if (look.outside.postgres.has('application')) return noGround('latency', 'the application user is not logged in')
  if (look.before.connection?.verdict !== 'pass') return noGround('latency', 'the server serves nobody')
  const opened = await openWorkSession(look, 'superuser', look.settings.timeoutMs.latency, signal)
  return opened.ok ? opened.tookMs : failBy('latency', 'open a session as the superuser', opened.failure, opened.tookMs)
}

function judge(look: Look, loginMs: number, queryMs: number): Reading {
  const ms = loginMs + queryMs
  const limitMs = look.settings.latencyLimitMs
  const evidence = { ms, loginMs, queryMs, limitMs }
  if (ms <= limitMs) return pass('latency', `login and "select 1" took ${inMs(ms)}`, queryMs, evidence)
  const detail = `login and "select 1" took ${inMs(ms)}, more than the limit of ${inMs(limitMs)}`
  return fail('latency', { reason: 'too-slow', detail, evidence, tookMs: queryMs })
}

export const latency: Probe = {
  name: 'latency',
  question: 'Does the server answer the application user in time?',
  async look(look, signal) {
    const loginMs = await logIn(look, signal)
    if (typeof loginMs !== 'number') return loginMs
    const session = look.memory.applicationSession
    if (session === undefined) return noGround('latency', 'the look was given up')
    const answer = await session.query({ text: 'select 1', timeoutMs: look.settings.timeoutMs.latency }, signal)
    if (answer.ok) return judge(look, loginMs, answer.tookMs)
    await dropWorkSession(look)
    return failBy('latency', 'get an answer to "select 1"', answer.failure, answer.tookMs)
  },
}
