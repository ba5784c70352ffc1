import { setTimeout as sleep } from 'node:timers/promises'
import { startDaemon } from './daemon.ts'
import type { Daemon } from './daemon.ts'
import { median } from './measurement.ts'
import type { Measurement } from './measurement.ts'
import { childFaults, childrenOf, processorTimeNs, residentBytes } from './process.ts'
import type { Stage } from './stage.ts'

const INTERVAL_MS = 10_000
const MB = 1 << 20
const BAR_PERCENT_OF_CORE = 0.1
const BAR_MS_PER_CHECK = (BAR_PERCENT_OF_CORE / 100) * INTERVAL_MS
const BAR_MB = 60

/** Bytes of WAL since the cluster was made. */
async function walBytes({ server }: Stage): Promise<number> {
  return Number(await server.psql("select pg_current_wal_insert_lsn() - '0/0'"))
}

/** What the kernel knows of the daemon at one moment. */
async function take(stage: Stage, daemon: Daemon) {
  return { atMs: performance.now(), cpuNs: processorTimeNs(daemon.pid), faults: childFaults(daemon.pid), wal: await walBytes(stage) }
}

/** Memory once per check, between two checks. */
async function watchMemory(daemon: Daemon, checks: number): Promise<readonly number[]> {
  const samples: number[] = []
  for (let check = 0; check < checks; check++) {
    await sleep(INTERVAL_MS)
    samples.push(residentBytes(daemon.pid) / MB)
  }
  return samples
}

async function expectQuiet(daemon: Daemon): Promise<void> {
  const report = await daemon.report()
  if (report.mode !== 'healthy') throw new Error(`the idle daemon is ${report.mode}: ${report.sentence}`)
  const write = report.readings?.write
  if (write?.verdict !== 'pass') throw new Error(`the write probe does not write: ${write?.detail ?? 'no reading'}`)
}

/**
 * The daemon in front of a healthy, idle server, at the default interval. Begins after the first look of a
 * later start, when compiled code is cached: the very first one, which compiles everything, keeps about 7 MB more.
 */
export async function measureIdle(stage: Stage, minutes: number): Promise<readonly Measurement[]> {
  await (await startDaemon(stage, stage.config)).stop()
  const daemon = await startDaemon(stage, stage.config)
  const checks = Math.max(1, Math.round((minutes * 60_000) / INTERVAL_MS))
  const before = await take(stage, daemon)
  const resident = await watchMemory(daemon, checks)
  const after = await take(stage, daemon)
  const forked = after.faults - before.faults + childrenOf(daemon.pid).length
  await expectQuiet(daemon)
  await daemon.stop()
  const cpuMs = (after.cpuNs - before.cpuNs) / 1e6
  const over = `over ${checks} checks`
  return [
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
}
