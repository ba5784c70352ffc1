import type { Reading } from '../core/reading.ts'
import type { PostgresFailure, Session } from '../ports/postgres.ts'
import { dropWorkSession } from './ground.ts'
import type { Look, Probe } from './probe.ts'
import { evidenceOf, fail, failBy, inMs, noGround, pass, unknown } from './readings.ts'
import { NOT_SET_UP_STATES, RING_ROWS, WRITE } from './write-ring.ts'

const SET_UP_HINT = 'run pgwatchd setup-database'
const READ_ONLY_STATE = '25006'

function judgeFailure(failure: PostgresFailure, tookMs: number): Reading {
  const { sqlState = '', message } = failure
  const evidence = evidenceOf(failure)
  if (NOT_SET_UP_STATES.includes(sqlState)) {
    return unknown('write', { reason: 'not-set-up', detail: `the ring cannot be written (${message}): ${SET_UP_HINT}`, evidence, tookMs })
  }
  if (sqlState === READ_ONLY_STATE)
    return fail('write', { reason: 'in-recovery', detail: `the server is read-only: ${message}`, evidence, tookMs })
  return failBy('write', 'write a row durably', failure, tookMs)
}

async function writeRow(look: Look, session: Session, signal: AbortSignal): Promise<Reading> {
  const slot = Math.floor(look.outside.random.fraction() * RING_ROWS)
  const answer = await session.query({ text: WRITE, values: [slot], timeoutMs: look.settings.timeoutMs.write }, signal)
  if (!answer.ok && answer.failure.kind !== 'rejected') await dropWorkSession(look)
  if (!answer.ok) return judgeFailure(answer.failure, answer.tookMs)
  if (answer.value.length === 1)
    return pass('write', `one row was written durably in ${inMs(answer.tookMs)}`, answer.tookMs, { ms: answer.tookMs })
  return unknown('write', { reason: 'not-set-up', detail: `the ring has no row ${slot}: ${SET_UP_HINT}`, tookMs: answer.tookMs })
}

/** The last reading while it is young enough and nothing is wrong: an idle server stays idle. */
function readAgain({ memory, urgent, before, outside, settings }: Look): Reading | undefined {
  if (urgent || before.disk?.reason === 'no-room' || memory.lastWrite === undefined) return undefined
  const ageMs = outside.clock.monotonicMs() - memory.lastWrite.monotonicMs
  return ageMs < settings.writeIntervalMs ? memory.lastWrite.reading : undefined
}

export const write: Probe = {
  name: 'write',
  question: 'Can the application user write, durably?',
  async look(look, signal) {
    const session = look.memory.applicationSession
    if (session === undefined) return noGround('write', 'there is no session to write with')
    if (look.before.connection?.evidence['inRecovery'] === true) {
      return unknown('write', { reason: 'in-recovery', detail: 'the server is a standby, or in recovery' })
    }
    const again = readAgain(look)
    if (again !== undefined) return again
    const reading = await writeRow(look, session, signal)
    look.memory.lastWrite = { monotonicMs: look.outside.clock.monotonicMs(), reading }
    return reading
  },
}
