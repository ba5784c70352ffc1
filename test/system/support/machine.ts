import { ensureBaseRoot, testedRelease, type Release } from './base-root.ts'
import { makeContainer, type Medium } from './container.ts'
import { run, type Result, type RunOptions } from './run.ts'
import { waitFor } from './wait.ts'

export interface ExecOptions extends RunOptions {
  /** Default: root. */
  readonly user?: string
}

/** A throw-away Debian with systemd and PostgreSQL, as a person at its keyboard sees it. */
export interface Machine {
  readonly release: Release
  /** `15-main`. */
  readonly clusterName: string
  /** `postgresql@15-main.service`. */
  readonly unit: string
  readonly dataDirectory: string
  exec(argv: readonly string[], options?: ExecOptions): Promise<Result>
  /** Rows of the answer with columns separated by `|`, asked as the superuser. */
  sql(statement: string, database?: string): Promise<string>
  writeFile(path: string, content: string, mode?: string, owner?: string): Promise<void>
  /** Path on this host of a path in the machine; it must not lead over a symbolic link. */
  hostPath(path: string): string
  /** pid on this host of the machine's first process: whose namespaces are the machine's. */
  leaderPid(): number
  /** Every process dies at once, and the same disk boots again. */
  cutPowerAndBoot(): Promise<void>
  remove(): Promise<void>
}

const READY_TIMEOUT_MS = 90_000
const EXEC_TIMEOUT_MS = 60_000
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Boots a machine of the tested release and waits until systemd has started everything. */
export async function bootMachine(medium: Medium = 'memory'): Promise<Machine> {
  const release = testedRelease()
  const container = await makeContainer(await ensureBaseRoot(release), medium)
  const clusterName = `${String(release.postgresVersion)}-main`

  const exec = (argv: readonly string[], options: ExecOptions = {}): Promise<Result> => {
    const user = options.user === undefined ? [] : ['runuser', '-u', options.user, '--']
    const timeoutMs = options.timeoutMs ?? EXEC_TIMEOUT_MS
    const enter = ['nsenter', '-t', String(container.leaderPid()), '-m', '-p', '-u', '-i', '-n', '-C', '--']
    // The inner deadline ends the program itself; a signal for nsenter would not reach it.
    const deadline = ['timeout', '-s', 'KILL', String(timeoutMs / 1000)]
    const environment = ['env', '-i', `PATH=${PATH}`, 'LANG=C.UTF-8', 'HOME=/root']
    return run([...enter, ...environment, ...deadline, ...user, ...argv], { ...options, timeoutMs: timeoutMs + 5000 })
  }
  const boot = async (): Promise<void> => {
    await container.boot()
    await waitFor('systemd to finish booting', READY_TIMEOUT_MS, async () => {
      const { stdout } = await exec(['systemctl', 'is-system-running'], { anyExit: true })
      return ['running', 'degraded'].includes(stdout.trim()) || undefined
    })
  }
  const machine: Machine = {
    release,
    clusterName,
    unit: `postgresql@${clusterName}.service`,
    dataDirectory: `/var/lib/postgresql/${String(release.postgresVersion)}/main`,
    exec,
    sql: async (statement, database = 'postgres') => {
      const psql = ['psql', '-X', '-At', '-v', 'ON_ERROR_STOP=1', '-d', database, '-c', statement]
      return (await exec(psql, { user: 'postgres' })).stdout.trim()
    },
    writeFile: async (path, content, mode = '0644', owner = 'root:root') => {
      await exec(['sh', '-c', 'umask 077 && cat > "$1" && chown "$3" "$1" && chmod "$2" "$1"', 'write', path, mode, owner], {
        input: content,
      })
    },
    hostPath: (path) => `/proc/${String(container.leaderPid())}/root${path}`,
    leaderPid: () => container.leaderPid(),
    cutPowerAndBoot: async () => {
      await container.cutPower()
      await boot()
    },
    remove: () => container.remove(),
  }
  try {
    await boot()
  } catch (error) {
    await container.remove()
    throw error
  }
  return machine
}
