import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ownerOf, startTimeTicks } from '../../support/cluster-processes.ts'
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
  const directory = makeDirectory(t, 'program')
  const [node, bundle] = [`${directory}/node`, `${directory}/pgwatchd.cjs`]
  copyFileSync(realpathSync(process.execPath), node)
  for (const name of ['pgwatchd.cjs', 'execa.cjs', 'nodemailer.cjs']) copyFileSync(`${PROJECT}/dist/${name}`, `${directory}/${name}`)
  for (const path of [node, bundle]) chmodSync(path, 0o755)
  return [node, ...launcherOptions(), bundle]
}

/** A folder that the next test sweeps if this one is killed. */
function makeDirectory(t: Teardown, name: string): string {
  const directory = mkdtempSync(`/tmp/pgwatchd-test-${process.pid}-${startTimeTicks(process.pid)}-${name}-`)
  t.teardown(() => rm(directory, { recursive: true, force: true }))
  const { uid, gid } = ownerOf('postgres')
  chownSync(directory, uid, gid)
  chmodSync(directory, 0o755)
  return directory
}

/**
 * Makes what every run begins with: a cluster with rows, stopped cleanly, the write probe set up, pgwatchd's folders
 * empty. Removed when the test ends.
 */
export async function makeTemplate(t: Teardown): Promise<StagePlan> {
  const program = installProgram(t)
  const volume = makeDirectory(t, 'volume')
  const settings = { max_wal_size: '32MB', min_wal_size: '2MB', shared_buffers: '1MB' }
  const server = await makeCluster(t, { initdb: ['--wal-segsize=1'], settings, parent: volume })
  const plan: StagePlan = { directory: server.directory, volume, cluster: server.cluster, program }
  const stage = describeStage(plan)
  mkdirSync(`${plan.directory}/cache`)
  for (const name of ['state', 'pgwatchd', 'cache/compiled']) makeOwned(stage, `${plan.directory}/${name}`)
  writeOwned(stage, stage.configFile, renderConfiguration(plan, []))
  await server.psql(`create table acknowledged (id int primary key, text text);
    insert into acknowledged select n, 'row ' || n from generate_series(1, 2000) n;
    create table precious (id int primary key, text text);
    insert into precious select n, 'precious row ' || n from generate_series(1, 3000) n`)
  const [file = '', ...words] = program
  await server.runAsOwner(file, [...words, 'setup-database', '--config', stage.configFile])
  await server.psql('vacuum')
  await server.stop()
  return plan
}
