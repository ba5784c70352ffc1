import { openWorkSession, serverAnswers } from './ground.ts'
import type { Probe } from './probe.ts'
import { failBy, inMs, noGround, pass } from './readings.ts'

export const authentication: Probe = {
  name: 'authentication',
  question: 'Can the application user log in to its database?',
  async look(look, signal) {
    if (!look.outside.postgres.has('application')) return noGround('authentication', 'no application user is configured')
    if (!serverAnswers(look.before.connection)) return noGround('authentication', 'the server serves nobody')
    const opened = await openWorkSession(look, 'application', look.settings.timeoutMs.authentication, signal)
    if (!opened.ok) return failBy('authentication', 'log in as the application user', opened.failure, opened.tookMs)
    return pass('authentication', `the application user logged in in ${inMs(opened.tookMs)}`, opened.tookMs, { ms: opened.tookMs })
  },
}
