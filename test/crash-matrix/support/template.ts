import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { startTimeTicks } from '../../support/cluster-processes.ts'
import { makeCluster } from '../../support/cluster.ts'
import { describeStage, makeOwned, renderConfiguration, writeOwned, type StagePlan } from './stage.ts'

interface Teardown {
  teardown(handler: () => Promise<void>): unknown
}

const PROJECT = join(import.meta.dirname, '../../..')

/** What the launcher of the package hands to its Node. */
function launcherOptions(): readonly string[] {
  const source = readFileSync(`${PROJECT}/packaging/launcher.c`, 'utf8')
  return [...source.matchAll(/^ +"(--[^"]+)",$/gm)].map(([, option]) => option ?? '')
}

/** The built program where the user postgres can read it, with the runtime that is in the package. */
function installProgram(t: Teardown): readonly string[] {
  execFileSync(process.execPath, ['scripts/build.ts'], { cwd: PROJECT, stdio: ['ignore', 'ignore', 'inherit'] })
  const directory = mkdtempSync(`/tmp/pgwatchd-test-${process.pid}-${startTimeTicks(process.pid)}-program-`)
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  chmodSync(directory, 0o755)
  const [node, bundle] = [`${directory}/node`, `${directory}/pgwatchd.cjs`]
  copyFileSync(realpathSync(process.execPath), node)
  copyFileSync(`${PROJECT}/dist/pgwatchd.cjs`, bundle)
  for (const path of [node, bundle]) chmodSync(path, 0o755)
  return [node, ...launcherOptions(), bundle]
}

/**
 * Makes what every run begins with: a cluster with rows, stopped cleanly, the write probe set up, pgwatchd's folders
 * empty. Removed when the test ends.
 */
export async function makeTemplate(t: Teardown): Promise<StagePlan> {
  const program = installProgram(t)
  const server = await makeCluster(t, { initdb: ['--wal-segsize=1'], settings: { max_wal_size: '32MB', min_wal_size: '2MB' } })
  const plan: StagePlan = { directory: server.directory, cluster: server.cluster, program }
  const stage = describeStage(plan)
  mkdirSync(`${plan.directory}/cache`)
  for (const name of ['state', 'pgwatchd', 'cache/compiled']) makeOwned(stage, `${plan.directory}/${name}`)
  writeOwned(stage, stage.configFile, renderConfiguration(plan, []))
  await server.psql(`create table acknowledged (id int primary key, text text);
    insert into acknowledged select n, 'row ' || n from generate_series(1, 2000) n`)
  const [file = '', ...words] = program
  await server.runAsOwner(file, [...words, 'setup-database', '--config', stage.configFile])
  await server.psql('vacuum')
  await server.stop()
  return plan
}
