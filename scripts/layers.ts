import { existsSync, globSync } from 'node:fs'
import { tmpdir } from 'node:os'

/** A program whose exit code 0 is one passed check. */
export interface Check {
  readonly name: string
  readonly argv: readonly string[]
}

/** Tests of one kind, run together. Either `checks` or `files` is empty. */
export interface Layer {
  readonly name: string
  readonly checks: readonly Check[]
  /** Test files, each a program that prints TAP. */
  readonly files: readonly string[]
  /** How many files run at a time. */
  readonly jobs: number
  /** For one file; then it is asked to end, and killed a little later. */
  readonly timeoutMs: number
  readonly environment: Readonly<Record<string, string>>
  /** Why it cannot run here; empty when it can. */
  readonly obstacle: string
}

const OWN_LAYERS = [
  'test/contracts/',
  'test/scenarios/',
  'test/simulation/',
  'test/integration/',
  'test/system/',
  'test/power-cut/',
  'test/crash-matrix/',
  'test/architecture.test.ts',
]

/** A sample takes minutes; all points of the crash matrix, the long run of power cuts, and that of the simulation take hours. */
const POWER_CUT_TIMEOUT_MS = 7_200_000
const CRASH_MATRIX_TIMEOUT_MS = 14_400_000
const SIMULATION_TIMEOUT_MS = 43_200_000

/** Tests that make sense on every release of Debian; the others prove what does not depend on it. */
const ON_DEBIAN_13 = ['test/system/package.test.ts', 'test/system/crash.test.ts', 'test/system/operator.test.ts']

/** Every layer, in the order of cost. */
export function listLayers(): readonly Layer[] {
  return [
    checks('types', [{ name: 'tsc', argv: ['tsc', '-p', '.'] }]),
    checks('lint', [
      { name: 'eslint', argv: ['eslint', '--max-warnings=0', '.'] },
      { name: 'prettier', argv: ['prettier', '--check', '--log-level=warn', '.'] },
      { name: 'dependency-cruiser', argv: ['depcruise', '--config', '.dependency-cruiser.cjs', 'src'] },
    ]),
    checks('generated', [{ name: 'generate --check', argv: ['node', 'scripts/generate.ts', '--check'] }]),
    tests('unit', unitFiles(), {}),
    tests('contract', ['test/architecture.test.ts', ...find('test/contracts')], {}),
    tests('scenario', find('test/scenarios'), { timeoutMs: 300_000 }),
    tests('simulation', find('test/simulation'), { jobs: 1, timeoutMs: SIMULATION_TIMEOUT_MS }),
    tests('integration', find('test/integration'), { jobs: 3, timeoutMs: 300_000, obstacle: postgresObstacle() }),
    tests('power-cut', find('test/power-cut'), { jobs: 1, timeoutMs: POWER_CUT_TIMEOUT_MS, obstacle: volumeObstacle() }),
    tests('crash-matrix', find('test/crash-matrix'), { jobs: 1, timeoutMs: CRASH_MATRIX_TIMEOUT_MS, obstacle: namespaceObstacle() }),
    checks('package', [{ name: 'scripts/package --fast', argv: ['scripts/package', '--fast'] }]),
    system('system-debian-12', find('test/system'), 'bookworm'),
    system(
      'system-debian-13',
      find('test/system').filter((file) => ON_DEBIAN_13.includes(file)),
      'trixie',
    ),
  ]
}

function checks(name: string, list: readonly Check[]): Layer {
  return { name, checks: list, files: [], jobs: 1, timeoutMs: 300_000, environment: {}, obstacle: '' }
}

function tests(name: string, files: readonly string[], differences: Partial<Layer>): Layer {
  return { name, checks: [], files, jobs: 2, timeoutMs: 120_000, environment: {}, obstacle: '', ...differences }
}

function system(name: string, files: readonly string[], release: string): Layer {
  return tests(name, files, {
    jobs: 3,
    timeoutMs: 900_000,
    environment: { PGWATCHD_TEST_RELEASE: release, PGWATCHD_TEST_PACKAGE: 'built' },
    obstacle: systemObstacle(),
  })
}

function find(directory: string): readonly string[] {
  return globSync(`${directory}/**/*.test.ts`).sort()
}

function unitFiles(): readonly string[] {
  return find('test').filter((file) => !OWN_LAYERS.some((prefix) => file.startsWith(prefix)))
}

function postgresObstacle(): string {
  return globSync('/usr/lib/postgresql/*/bin/postgres').length > 0 ? '' : 'no PostgreSQL in /usr/lib/postgresql'
}

/** Processes and mounts of their own, and strace as root to be another user. */
function namespaceObstacle(): string {
  if (process.getuid?.() !== 0) return 'needs root, for namespaces'
  return existsSync('/usr/bin/strace') ? postgresObstacle() : 'strace is missing (package strace)'
}

/** Volumes in files, which are shut down while they are written to. */
function volumeObstacle(): string {
  if (process.getuid?.() !== 0) return 'needs root, to mount volumes'
  if (!existsSync('/dev/loop-control')) return 'no loop devices'
  return existsSync('/usr/sbin/mkfs.xfs') ? '' : 'mkfs.xfs is missing (package xfsprogs)'
}

/** Booting a container takes root, namespaces and a control group hierarchy. */
export function systemObstacle(): string {
  if (process.getuid?.() !== 0) return 'needs root, to boot a container'
  if (!existsSync('/usr/bin/systemd-nspawn')) return 'systemd-nspawn is missing (package systemd-container)'
  if (!existsSync('/sys/fs/cgroup')) return 'no control groups in /sys/fs/cgroup'
  return existsSync(tmpdir()) ? '' : `no folder for temporary files: ${tmpdir()}`
}
