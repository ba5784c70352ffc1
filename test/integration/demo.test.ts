import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import t from 'tap'

/** What a demo of that process has left: its folder, its mount, and processes that work there. */
function leftovers(pid: number): readonly string[] {
  const prefix = `/tmp/pgwatchd-demo-${pid}-`
  const folders = readdirSync('/tmp').filter((name) => `/tmp/${name}`.startsWith(prefix))
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .filter((line) => line.includes(prefix))
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && worksBelow(Number(name), prefix))
  return [...folders, ...mounts, ...processes]
}

function worksBelow(pid: number, prefix: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`).startsWith(prefix)
  } catch {
    return false
  }
}

/** The process that owns the folder, from the line that names it. */
function ownerIn(output: string): number {
  return Number(/\/tmp\/pgwatchd-demo-(\d+)-/.exec(output)?.[1] ?? 0)
}

t.setTimeout(240_000)

t.test('the demo plays every scene, recovers each time, and leaves nothing behind', async (test) => {
  const demo = spawn('scripts/demo', { stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, [exitCode]] = await Promise.all([text(demo.stdout), once(demo, 'exit') as Promise<[number | null]>])
  test.equal(exitCode, 0)
  if (exitCode !== 0) test.comment(output)
  for (const title of ['killed', 'hangs', 'used up', 'disk is full']) test.match(output, new RegExp(`of 4: .*${title}`))
  if (process.getuid?.() === 0) test.notMatch(output, 'skipped')
  test.match(output, /\[SUCCESS\] .* PostgreSQL is serving again/)
  test.match(output, /(\d+) of \1 sessions survived; the server was not restarted/)
  test.ok(Number(/All of it took (\d+) s/.exec(output)?.[1]) < 90)
  test.strictSame(leftovers(ownerIn(output)), [])
})

for (const [signal, exitCode] of [
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const) {
  t.test(`a demo that is ended by ${signal} in the middle of a scene leaves nothing behind`, async (test) => {
    const demo = spawn('scripts/demo', { stdio: ['ignore', 'pipe', 'inherit'], detached: true })
    const ended = once(demo, 'exit') as Promise<[number | null]>
    let output = ''
    for await (const line of createInterface({ input: demo.stdout })) {
      output += `${line}\n`
      // The whole foreground group gets the signal, as a terminal sends Ctrl-C.
      if (line.includes('kill -9') && demo.pid !== undefined) process.kill(-demo.pid, signal)
    }
    const [code] = await ended
    test.ok([exitCode, 143].includes(code ?? 0), `exit code ${code}`)
    test.strictSame(leftovers(ownerIn(output)), [])
  })
}
