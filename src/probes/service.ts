import type { Evidence, Reading } from '../core/reading.ts'
import type { ServiceStatus } from '../ports/service-manager.ts'
import { findPostmaster } from './find-postmaster.ts'
import type { Postmaster } from './find-postmaster.ts'
import type { Probe } from './probe.ts'
import { fail, pass, unknown, warn } from './readings.ts'
import { findStoppedProcesses } from './stopped-processes.ts'

function evidenceOf(status: ServiceStatus, postmaster: Postmaster): Evidence {
  return {
    object: status.object,
    state: status.state,
    result: status.result,
    job: status.job,
    pid: postmaster.status === 'alive' ? postmaster.pid : null,
  }
}

function withResult({ object, state, result }: ServiceStatus): string {
  return `${object} is ${state}${result === '' || result === 'success' ? '' : ` (result ${result})`}`
}

/** As `ps` shows a process that SIGSTOP has stopped; one that a debugger holds is `t`. */
const STOPPED_BY_SIGNAL = 'T'

/** Debian's unit is `activating` for seconds after the server answers; whether it serves on the way is the other probes' question. */
const PASSING_STATES: readonly ServiceStatus['state'][] = ['active', 'activating', 'deactivating']

/** The postmaster lives; is it free to work, and under its service manager? */
function judgeAlive(status: ServiceStatus, { pid, processState }: Extract<Postmaster, { status: 'alive' }>, evidence: Evidence): Reading {
  if (processState === STOPPED_BY_SIGNAL) {
    return fail('service', {
      reason: 'suspended',
      detail: `postmaster ${pid} was stopped by a signal and answers nobody`,
      evidence: { ...evidence, processState },
    })
  }
  const detail = `${withResult(status)}, postmaster ${pid}`
  if (PASSING_STATES.includes(status.state)) return pass('service', detail, 0, evidence)
  if (status.state === 'unknown') {
    return warn('service', { reason: 'unreachable', detail: `postmaster ${pid} lives, but the service manager does not answer`, evidence })
  }
  return warn('service', { reason: 'service-not-active', detail: `${detail}: the server was not started through it`, evidence })
}

function judgeUnproven(status: ServiceStatus, why: string, evidence: Evidence): Reading {
  if (status.state === 'active') return pass('service', `${withResult(status)}; ${why}`, 0, evidence)
  if (status.state === 'unknown')
    return unknown('service', { reason: 'no-ground', detail: `the service manager does not answer, and ${why}`, evidence })
  return fail('service', { reason: 'service-not-active', detail: `${withResult(status)}; ${why}`, evidence })
}

function judge(status: ServiceStatus, postmaster: Postmaster): Reading {
  const evidence = evidenceOf(status, postmaster)
  if (postmaster.status === 'alive') return judgeAlive(status, postmaster, evidence)
  if (postmaster.status === 'unproven') return judgeUnproven(status, postmaster.why, evidence)
  const detail = `${withResult(status)}, and there is no postmaster: ${postmaster.why}`
  return fail('service', { reason: 'no-postmaster', detail, evidence })
}

function withStopped(reading: Reading, stopped: readonly string[]): Reading {
  if (stopped.length === 0) return reading
  const does = stopped.length === 1 ? 'is stopped by a signal and does no work' : 'are stopped by a signal and do no work'
  const detail = `${stopped.join(', ')} ${does} until SIGCONT (kill -CONT)`
  return warn('service', { reason: 'process-stopped', detail, evidence: { ...reading.evidence, stopped: stopped.join(', ') } })
}

export const service: Probe = {
  name: 'service',
  question: 'Is the service running?',
  async look(look, signal) {
    const startedMs = look.outside.clock.monotonicMs()
    const status = await look.outside.service.status(signal)
    const postmaster = await findPostmaster(look, status.mainPid)
    const reading = judge(status, postmaster)
    const stopped = reading.verdict === 'pass' && postmaster.status === 'alive' ? findStoppedProcesses(look, postmaster.pid) : []
    return { ...withStopped(reading, stopped), tookMs: look.outside.clock.monotonicMs() - startedMs }
  },
}
