import { spawn } from 'node:child_process'
import { chmod, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import t from 'tap'
import { makeCluster } from '../support/cluster.ts'
import { waitUntil } from '../support/cluster-processes.ts'
import { configurationOf } from '../support/real-daemon.ts'

t.setTimeout(300_000)

const made = await makeCluster(t, { start: false })
const { dataDirectory } = made.cluster

/** The command as the entrypoint of a container runs it; killed with the test. */
async function runCommand(t: { teardown(handler: () => void): unknown }) {
  const configFile = `${made.directory}/pgwatch.yaml`
  await writeFile(configFile, configurationOf(made, ''))
  const words = ['src/main.ts', 'run', '--before-start', '--config', configFile, '--log-format', 'json']
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'] })
  const told: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => told.push(chunk.toString()))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  t.teardown(() => void child.kill('SIGKILL'))
  const text = () => told.join('')
  return {
    text,
    ended,
    stop: () => child.kill('SIGTERM'),
    watches: () => waitUntil('it watches', () => text().includes('is running, watching test')),
  }
}

const serverRuns = () =>
  made.postmasterPid().then(
    () => true,
    () => false,
  )

/** Changes a file of the data directory for the time of a test. */
async function change(t: { teardown(handler: () => Promise<void>): unknown }, path: string, text: string): Promise<void> {
  const before = await readFile(path)
  t.teardown(() => writeFile(path, before))
  await writeFile(path, text)
}

t.test('a server that is down is started before it is watched, and one that runs is left alone', async (t) => {
  const first = await runCommand(t)
  await first.watches()
  t.equal(await made.psql('select 1'), '1')
  t.match(first.text(), /test: its server was started/)
  first.stop()
  t.equal(await first.ended, 0)
  const pid = await made.postmasterPid()
  const second = await runCommand(t)
  await second.watches()
  t.match(second.text(), new RegExp(`its server is not started here: it runs already \\(pid ${pid}\\)`))
  second.stop()
  t.equal(await second.ended, 0)
  t.equal(await made.postmasterPid(), pid)
  await made.stop()
})

t.test('a crashed server recovers before it is watched', async (t) => {
  await made.start()
  await made.kill()
  const ran = await runCommand(t)
  await ran.watches()
  t.match(ran.text(), /test: its server was started/)
  ran.stop()
  t.equal(await ran.ended, 0)
  await made.stop()
})

t.test('a mistake in the configuration is named with file and line, and nothing is started', async (t) => {
  const path = `${dataDirectory}/postgresql.conf`
  await change(t, path, 'shared_bufers = 1GB\n')
  const ran = await runCommand(t)
  t.equal(await ran.ended, 78)
  t.match(ran.text(), `${path}:1: unrecognized configuration parameter`)
  t.notOk(await serverRuns())
})

t.test('a server that ends in each of three tries is told with the end of its log', async (t) => {
  await change(t, `${dataDirectory}/pg_hba.conf`, 'local all all foo\n')
  const ran = await runCommand(t)
  t.equal(await ran.ended, 1)
  t.match(ran.text(), /try 1 of 3.*try 2 of 3.*pgwatchd cannot run: cannot start the server of test.*in 3 tries/s)
  t.match(ran.text(), /"server-log".*invalid authentication method/)
  t.notOk(await serverRuns())
})

t.test('a wrong PG_VERSION, wrong permissions and an empty directory are refused, and stay as they are', async (t) => {
  await t.test('a version of other programs', async (t) => {
    await change(t, `${dataDirectory}/PG_VERSION`, '14\n')
    const ran = await runCommand(t)
    t.equal(await ran.ended, 1)
    t.match(ran.text(), /PG_VERSION says 1[45], and the programs are those of 1[45]/)
  })
  await t.test('permissions', async (t) => {
    await chmod(dataDirectory, 0o755)
    t.teardown(() => chmod(dataDirectory, 0o700))
    const ran = await runCommand(t)
    t.equal(await ran.ended, 1)
    t.match(ran.text(), /has the permissions 755.*sudo chmod 700/)
  })
  await t.test('nothing', async (t) => {
    const aside = `${made.directory}/aside`
    await cp(dataDirectory, aside, { recursive: true, preserveTimestamps: true })
    await rm(dataDirectory, { recursive: true })
    await mkdir(dataDirectory)
    const ran = await runCommand(t)
    t.equal(await ran.ended, 1)
    t.match(ran.text(), /is empty: its volume is not mounted, or it was moved away/)
  })
  t.notOk(await serverRuns())
})
