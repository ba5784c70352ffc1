import { setTimeout as sleep } from 'node:timers/promises'
import type { ClusterReport } from '../../src/daemon/control-protocol.ts'
import { startDaemon } from './daemon.ts'
import { median } from './measurement.ts'
import type { Measurement } from './measurement.ts'
import { childFaults, childrenOf, processorTimeNs, residentBytes } from './process.ts'
import type { Stage } from './stage.ts'

const INTERVAL_MS = 10_000
const MB = 1 << 20
const BAR_PERCENT_OF_CORE = 0.1
const BAR_MS_PER_CHECK = (BAR_PERCENT_OF_CORE / 100) * INTERVAL_MS
const BAR_MB = 60

/** A daemon that has looked for the first time, in front of a healthy server that nobody else uses. */
export interface IdleDaemon {
  /** On this host. */
  readonly pid: number
  report(): Promise<ClusterReport>
  /** Bytes of WAL since the cluster was made. */
  walBytes(): Promise<number>
}

/** What the kernel knows of the daemon at one moment. */
async function take({ pid, walBytes }: IdleDaemon) {
  return { atMs: performance.now(), cpuNs: processorTimeNs(pid), faults: childFaults(pid), wal: await walBytes() }
}

/** Memory once per check, between two checks. */
async function watchMemory({ pid }: IdleDaemon, checks: number): Promise<readonly number[]> {
  const samples: number[] = []
  for (let check = 0; check < checks; check++) {
    await sleep(INTERVAL_MS)
    samples.push(residentBytes(pid) / MB)
  }
  return samples
}

async function expectQuiet(daemon: IdleDaemon): Promise<void> {
  const report = await daemon.report()
  if (report.mode !== 'healthy') throw new Error(`the idle daemon is ${report.mode}: ${report.sentence}`)
  const write = report.readings?.write
  if (write?.verdict !== 'pass') throw new Error(`the write probe does not write: ${write?.detail ?? 'no reading'}`)
}

/** What it costs at the default interval. `where` is added to each name. */
export async function measureIdleDaemon(daemon: IdleDaemon, minutes: number, where: string): Promise<readonly Measurement[]> {
  const checks = Math.max(1, Math.round((minutes * 60_000) / INTERVAL_MS))
  const before = await take(daemon)
  const resident = await watchMemory(daemon, checks)
  const after = await take(daemon)
  const forked = after.faults - before.faults + childrenOf(daemon.pid).length
  await expectQuiet(daemon)
  const cpuMs = (after.cpuNs - before.cpuNs) / 1e6
  const over = `over ${checks} checks`
  const measurements: readonly Measurement[] = [
    { name: 'CPU per check', value: cpuMs / checks, bar: BAR_MS_PER_CHECK, unit: 'ms', how: `all threads, schedstat, ${over}` },
    { name: 'CPU', value: (100 * cpuMs) / (after.atMs - before.atMs), bar: BAR_PERCENT_OF_CORE, unit: '% of a core', how: 'the same' },
    { name: 'RSS, highest', value: Math.max(...resident), bar: BAR_MB, unit: 'MB', how: `VmRSS, ${over}` },
    { name: 'RSS, median', value: median(resident), bar: BAR_MB, unit: 'MB', how: 'the same' },
    { name: 'processes forked', value: forked / checks, bar: 0, unit: 'per check', how: 'page faults of children, and living ones' },
    {
      name: 'WAL written',
      value: (after.wal - before.wal) / checks,
      bar: undefined,
      unit: 'bytes per check',
      how: `everything the idle server wrote, ${over}`,
    },
  ]
  return measurements.map((measurement) => ({ ...measurement, name: `${measurement.name}${where}` }))
}

/**
 * The daemon over a bare data directory. Begins after the first look of a later start, when compiled code is cached: the very
 * first one, which compiles everything, keeps about 7 MB more.
 */
export async function measureIdle(stage: Stage, minutes: number): Promise<readonly Measurement[]> {
  await (await startDaemon(stage, stage.config)).stop()
  const daemon = await startDaemon(stage, stage.config)
  const walBytes = async (): Promise<number> => Number(await stage.server.psql("select pg_current_wal_insert_lsn() - '0/0'"))
  const measurements = await measureIdleDaemon({ pid: daemon.pid, report: () => daemon.report(), walBytes }, minutes, '')
  await daemon.stop()
  return measurements
}
