import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { createCommands } from '../../src/adapters/commands/commands.ts'
import { createProcesses } from '../../src/adapters/processes/processes.ts'
import type { CommandRequest } from '../../src/ports/commands.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'

const commands = createCommands()

function shell(script: string, more: Partial<CommandRequest> = {}): CommandRequest {
  return { file: 'sh', arguments: ['-c', script], timeoutMs: 20_000, ...more }
}

t.test('a program that ends by itself gives its exit code and output', async (t) => {
  const result = await commands.run(shell('echo out; echo err >&2; exit 3'))
  t.match(result, { exitCode: 3, stdout: 'out\n', stderr: 'err\n', outcome: 'exited' })
})

t.test('input, working directory and lines as they come', async (t) => {
  const lines: string[] = []
  const onLine = (line: string): void => void lines.push(line)
  const result = await commands.run(shell('cat; pwd; printf "half\\rline"', { input: 'given\n', workingDirectory: '/tmp', onLine }))
  t.equal(result.stdout, 'given\n/tmp\nhalf\rline')
  t.strictSame(lines, ['given', '/tmp', 'half', 'line'])
})

t.test('nothing of the environment is inherited but what is named', async (t) => {
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'LISTEN_FDS', 'PGPASSWORD', 'SECRET']) process.env[name] = 'leaked'
  const { stdout } = await commands.run({ file: 'env', arguments: [], timeoutMs: 20_000, environment: { PGHOST: '/run' } })
  t.notMatch(stdout, /leaked/)
  t.match(stdout, /^LC_ALL=C$/m)
  t.match(stdout, /^PGHOST=\/run$/m)
  t.match(stdout, /^HOME=\//m)
})

t.test('a program that cannot be started is an error with its errno', async (t) => {
  const failure = await commands.run({ file: '/nonexistent/pg_ctl', arguments: [], timeoutMs: 1000 }).catch((error: unknown) => error)
  t.type(failure, OutsideError)
  t.match(failure, { code: 'ENOENT', operation: 'start', object: '/nonexistent/pg_ctl' })
  await t.rejects(commands.run({ file: '/etc/passwd', arguments: [], timeoutMs: 1000 }), { code: 'EACCES' })
})

t.test('the deadline, the signal and a death by signal are told apart', async (t) => {
  t.match(await commands.run(shell('sleep 60', { timeoutMs: 50 })), { exitCode: undefined, outcome: 'timed-out' })
  const controller = new AbortController()
  const aborted = commands.run(shell('echo begun; sleep 60', { onLine: () => controller.abort() }), controller.signal)
  t.match(await aborted, { exitCode: undefined, outcome: 'aborted', stdout: 'begun\n' })
  t.match(await commands.run(shell('exit 0'), AbortSignal.abort()), { outcome: 'aborted' })
  t.match(await commands.run(shell('kill -9 $$')), { exitCode: undefined, outcome: 'signalled' })
})

t.test('a program that ignores SIGTERM is killed with its children', async (t) => {
  let child = 0
  const script = 'trap "" TERM; sleep 61 & echo $!; wait; wait; sleep 61'
  const result = await commands.run(shell(script, { timeoutMs: 200, onLine: (line) => void (child = Number(line)) }))
  t.equal(result.outcome, 'timed-out')
  const alive = (): boolean => !['Z', undefined].includes(createProcesses().inspect(child)?.state)
  while (alive()) await pause(10)
  t.ok(child > 0)
})

t.test('a child left behind does not hold the caller, though it holds the pipe', async (t) => {
  const result = await commands.run(shell('sleep 62 & echo $!; exit 0'))
  t.match(result, { exitCode: 0, outcome: 'exited' })
  const left = createProcesses().inspect(Number(result.stdout))
  t.equal(left !== undefined && createProcesses().signal(left, 'SIGKILL'), true)
})

t.test('of long output the end is kept', async (t) => {
  const { stdout } = await commands.run(shell('yes | head -c 5000000; echo end'))
  t.equal(stdout.length, 1 << 20)
  t.ok(stdout.endsWith('y\nend\n'))
})
