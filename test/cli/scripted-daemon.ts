import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { createClock } from '../../src/adapters/clock/clock.ts'
import { createControlSocket } from '../../src/adapters/control-socket/control-socket.ts'
import type { Reading, Readings } from '../../src/core/reading.ts'
import type { Assessment } from '../../src/core/cause.ts'
import type { ClusterReport, ControlAnswer, ControlRequest, StatusReport } from '../../src/daemon/control-protocol.ts'
import { startControlServer } from '../../src/daemon/control-server.ts'
import { createFakeLog } from '../fakes/log.ts'
import type { IoOptions, Ran } from './io.ts'
import { runWords } from './io.ts'

/** The time at which the commands run. */
export const NOW = Date.UTC(2026, 10, 21, 12)

/** One probe's answer. */
export function reading(probe: Reading['probe'], verdict: Reading['verdict'] = 'pass', rest: Partial<Reading> = {}): Reading {
  return { probe, verdict, detail: `${probe} looked`, evidence: {}, tookMs: 4, ...rest }
}

/** All probes pass, but those given. */
export function readingsWith(changed: Partial<Readings> = {}): Readings {
  const probes = ['service', 'connection', 'authentication', 'latency', 'write', 'disk'] as const
  return { ...Object.fromEntries(probes.map((probe) => [probe, reading(probe)])), ...changed } as Readings
}

/** What is made of six passing probes. */
export const healthy: Assessment = {
  cause: undefined,
  response: 'none',
  plan: undefined,
  strength: 'proven',
  verdict: 'all probes pass',
  evidence: [],
  ruledOut: [],
  warnings: [],
  attemptsAtMost: undefined,
}

/** What is made of a killed postmaster. */
export const crashed: Assessment = {
  ...healthy,
  cause: 'crashed',
  response: 'recover',
  plan: 'restart',
  verdict: 'the postmaster is gone',
  evidence: ['no process'],
  ruledOut: ['not starting'],
}

/** The report of a healthy cluster, but what is given. */
export function cluster(changed: Partial<ClusterReport> = {}): ClusterReport {
  return {
    name: '15-main',
    dataDirectory: '/var/lib/postgresql/15/main',
    port: 5432,
    mode: 'healthy',
    cause: null,
    sentence: 'all probes pass',
    failuresInRow: 0,
    attemptsInWindow: 0,
    attemptsAllowed: 3,
    pausedUntilWallMs: null,
    cooldownUntilWallMs: null,
    incidentId: null,
    lastTickWallMs: NOW - 2_000,
    healthySinceWallMs: NOW - 3_600_000,
    readings: readingsWith(),
    assessment: healthy,
    step: '',
    backups: null,
    ...changed,
  }
}

/** The answer to `status`. */
export function status(clusters: readonly ClusterReport[], changed: Partial<StatusReport> = {}): ControlAnswer {
  const outbox = { waiting: 0, lastError: '' }
  const report = { version: '0.1.0', pid: 812, startedWallMs: NOW - 60_000, outbox, stateSaved: true, configFile: '/etc/pgwatch.yaml' }
  return { type: 'status', status: { ...report, clusters, ...changed } }
}

/** The last answer. */
export function done(text = 'done'): ControlAnswer {
  return { type: 'done', ok: true, text }
}

/** A configuration, and what the daemon behind it was asked. */
export interface Bench {
  readonly requests: ControlRequest[]
  run(...words: string[]): Promise<Ran>
  runWith(options: IoOptions, ...words: string[]): Promise<Ran>
}

/** A daemon that answers from `script`, and a configuration that points to it; without a script, no daemon. */
export async function bench(test: Test, script?: (request: ControlRequest) => readonly ControlAnswer[]): Promise<Bench> {
  const directory = mkdtempSync(join(tmpdir(), 'cli-'))
  test.teardown(() => rmSync(directory, { recursive: true }))
  const config = join(directory, 'pgwatch.yaml')
  writeFileSync(config, `runtime_directory: ${directory}\nstate_directory: ${directory}/state\n`)
  const requests: ControlRequest[] = []
  if (script !== undefined) {
    const handle = async function* (request: ControlRequest): AsyncGenerator<ControlAnswer> {
      requests.push(request)
      yield* script(request)
    }
    const path = join(directory, 'control.sock')
    const server = await startControlServer({ path, socket: createControlSocket(), handle, log: createFakeLog(), clock: createClock() })
    test.teardown(() => server.close())
  }
  const runWith = (options: IoOptions, ...words: string[]) => runWords([...words, '--config', config], options)
  return { requests, runWith, run: (...words) => runWith({}, ...words) }
}
