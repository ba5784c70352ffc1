import t from 'tap'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createNotifier } from '../../src/adapters/notify/notifier.ts'
import { createBlockingChannel } from '../../src/adapters/notify/descriptor-channel.ts'
import { takeSupervisorEnvironment } from '../../src/adapters/notify/supervisor-environment.ts'

const PID = 4711

t.test('what the service manager said is read once and removed', async (t) => {
  const environment: Record<string, string | undefined> = {
    PATH: '/bin',
    NOTIFY_SOCKET: '/run/systemd/notify',
    WATCHDOG_USEC: '30000000',
    WATCHDOG_PID: String(PID),
    SDN_FD: '3',
    LISTEN_FDS: '1',
    LISTEN_PID: String(PID),
    LISTEN_FDNAMES: 'notify',
  }
  t.same(takeSupervisorEnvironment(environment, PID), {
    notifySocket: '/run/systemd/notify',
    notifySocketDescriptor: { number: 3, blocking: false },
    watchdogMs: 30_000,
  })
  t.same(environment, { PATH: '/bin' }, 'nothing is left for a child to speak with')
  t.same(takeSupervisorEnvironment(environment, PID), { notifySocket: '', notifySocketDescriptor: undefined, watchdogMs: undefined })
})

t.test("another process's variables are not ours", async (t) => {
  const environment = { WATCHDOG_USEC: '1000', WATCHDOG_PID: '1', LISTEN_PID: '1', LISTEN_FDNAMES: 'notify', SDN_FD: 'x' }
  t.match(takeSupervisorEnvironment(environment, PID), { notifySocketDescriptor: undefined, watchdogMs: undefined })
})

t.test("systemd's own descriptor is found by its name", async (t) => {
  const environment = { LISTEN_PID: String(PID), LISTEN_FDS: '2', LISTEN_FDNAMES: 'other:notify' }
  t.match(takeSupervisorEnvironment(environment, PID), { notifySocketDescriptor: { number: 4, blocking: true } })
})

t.test('outside a service manager everything is a no-op', async (t) => {
  const notifier = createNotifier({ notifySocket: '', notifySocketDescriptor: undefined, watchdogMs: undefined })
  notifier.ready('x')
  notifier.alive()
  notifier.stopping('x')
  t.equal(notifier.aliveIntervalMs, undefined)
})

t.test('a descriptor that is not a socket is never written to', async (t) => {
  const notifier = createNotifier({ notifySocket: '', notifySocketDescriptor: { number: 99, blocking: false }, watchdogMs: 3_000 })
  notifier.ready('x')
  t.equal(notifier.aliveIntervalMs, 1_500)
})

t.test('a blocking channel keeps order and survives a closed descriptor', async (t) => {
  const send = createBlockingChannel(99)
  for (let i = 0; i < 40; i++) send(`STATUS=${i}`)
  await new Promise((resolve) => setImmediate(resolve))
  t.pass()
})

/**
 * Node has no datagram socket of this kind, so a small receiver is the service manager: it binds the socket, runs a
 * program, and prints what it got.
 */
const RECEIVER = `
import os, socket, subprocess, sys, tempfile, json
path = os.path.join(tempfile.mkdtemp(), 'notify')
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); server.bind(path); server.settimeout(10)
client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); client.connect(path); client.setblocking(False)
mode, count, node, program = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
env = dict(os.environ, NOTIFY_SOCKET=path)
if mode == 'descriptor': env['SDN_FD'] = str(client.fileno())
child = subprocess.Popen([node, '--input-type=module', '-e', program], env=env, pass_fds=[client.fileno()])
got = [server.recv(4096).decode() for _ in range(count)]
child.wait(); print(json.dumps(got)); os.unlink(path); os.rmdir(os.path.dirname(path))
`

const SPEAK = `
import { createNotifier } from ${JSON.stringify(new URL('../../src/adapters/notify/notifier.ts', import.meta.url).href)}
import { takeSupervisorEnvironment } from ${JSON.stringify(new URL('../../src/adapters/notify/supervisor-environment.ts', import.meta.url).href)}
const notifier = createNotifier(takeSupervisorEnvironment(process.env, process.pid))
notifier.ready('all well\\nWATCHDOG=1')
if (process.argv.length >= 0 && !process.env.FEW) { notifier.reloading(); notifier.extendTimeout(1500); notifier.alive(); notifier.stopping('bye') }
if (process.env.NOTIFY_SOCKET) process.exit(9)
`

async function receive(mode: string, count: number, environment: Record<string, string>): Promise<readonly string[]> {
  const python = spawn('python3', ['-c', RECEIVER, mode, String(count), process.execPath, SPEAK], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  python.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  await once(python, 'close')
  return JSON.parse(output) as readonly string[]
}

t.test('messages reach the socket through the inherited descriptor', async (t) => {
  const [ready, reloading, extended, alive, stopping] = await receive('descriptor', 5, {})
  t.equal(ready, 'READY=1\nSTATUS=all well WATCHDOG=1', 'a newline in the status adds no assignment')
  t.match(reloading, /^RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]+$/)
  t.equal(extended, 'EXTEND_TIMEOUT_USEC=1500000')
  t.equal(alive, 'WATCHDOG=1')
  t.equal(stopping, 'STOPPING=1\nSTATUS=bye')
})

t.test('without a descriptor the npm package speaks', async (t) => {
  const received = await receive('package', 2, { FEW: '1' })
  t.match(received.join('\n'), /READY=1/)
  t.match(received.join('\n'), /STATUS=all well WATCHDOG=1/)
})
