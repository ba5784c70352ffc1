import t from 'tap'
import { OutsideError } from '../../src/ports/outside-error.ts'
import type { Outside } from '../../src/ports/outside.ts'
import { findReasonToLeave } from '../../src/daemon/reason-to-leave.ts'
import { startServer } from '../../src/daemon/start-server.ts'
import { createSimulatedDataDirectory, DATA, SERVER_LOG } from '../fakes/simulated-data-directory.ts'
import { refused } from '../fakes/service-manager.ts'
import { makeFakeGround } from '../recovery/fake-ground.ts'

const MOUNTINFO = '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n'
const DATA_MOUNT = '40 22 8:17 / /var/lib/postgresql rw shared:5 - xfs /dev/sdb1 rw\n'
const FSTAB = '/dev/sda1 / ext4 defaults 0 1\n/dev/sdb1 /var/lib/postgresql xfs defaults 0 2\n'

/** A cluster that was shut down, with nothing against its start. */
function makeServer() {
  const made = makeFakeGround()
  const { ground, files, clock, commands, service } = made
  const directory = createSimulatedDataDirectory(files, () => clock.wallMs())
  directory.create()
  files.put('/etc/fstab', FSTAB)
  files.put('/proc/self/mountinfo', MOUNTINFO + DATA_MOUNT)
  commands.on('postgres', {})
  service.change({ state: 'failed', mainPid: 0 })
  const cluster = { ...ground.cluster, dataDirectory: DATA, logFile: SERVER_LOG, serviceManager: 'pg_ctl' as const }
  const stop = new AbortController()
  const context = { ...ground, cluster, outside: { ...ground.outside }, hurried: () => stop.signal.aborted }
  const start = async (): Promise<OutsideError | undefined> => {
    const started = startServer(context, stop.signal, new AbortController().signal).then(
      () => undefined,
      (error: unknown) => {
        if (error instanceof OutsideError) return error
        throw error
      },
    )
    await clock.advance(300_000)
    return started
  }
  const serve = (): void => {
    made.processes.putPostgres(DATA, { pid: 4711, commandLine: `postgres -D ${DATA}` })
    directory.writePidFile(4711, 'ready')
  }
  return { ...made, directory, context, cluster, stop, start, serve }
}

type Server = ReturnType<typeof makeServer>

const starts = ({ service }: Server): number => service.requests.filter((request) => request === 'start').length
const lines = ({ context }: Server): readonly string[] =>
  (context.outside.log as unknown as { readonly entries: readonly { event: string; message: string }[] }).entries
    .filter(({ event }) => event === 'server-log')
    .map(({ message }) => message)

function acceptLogins(outside: Outside): void {
  const session = { close: async () => undefined }
  Object.assign(outside, { postgres: { has: () => true, open: async () => ({ ok: true, value: session, tookMs: 1 }) } })
}

t.test('a server that comes up at the second try was started', async (t) => {
  const server = makeServer()
  acceptLogins(server.context.outside)
  const times: number[] = []
  server.service.onStart = () => {
    times.push(server.clock.monotonicMs())
    if (times.length === 2) server.serve()
    return { ok: true, detail: '', timedOut: false }
  }
  t.equal(await server.start(), undefined)
  t.equal(times.length, 2)
  t.ok((times[1] ?? 0) - (times[0] ?? 0) >= 5_000, 'five seconds apart')
  t.match(server.told, [/^try 1 of 3: .*the next follows in 5 s$/, /^its server was started/])
})

t.test('after three tries the end of the log is told, without its secrets', async (t) => {
  const server = makeServer()
  server.service.onStart = () => {
    for (let line = 1; line <= 15; line += 1) server.directory.say(1, `LOG:  line ${line}`)
    server.directory.say(1, 'FATAL:  cannot reach password=hunter2')
    return refused('pg_ctl start: exit code 1')
  }
  const error = await server.start()
  t.equal(starts(server), 3)
  t.match(error, { code: 'unstartable', message: /FATAL|cannot reach.*in 3 tries/, hint: /without --before-start/ })
  t.equal(lines(server).length, 20)
  t.match(lines(server).at(-1), /cannot reach password=\*+/)
})

t.test('a server on its way is not ended, and left to the watch when it no longer moves', async (t) => {
  const server = makeServer()
  server.service.onStart = () => {
    server.processes.putPostgres(DATA, { pid: 4711, commandLine: `postgres -D ${DATA}` })
    server.directory.writePidFile(4711, 'starting')
    return { ok: true, detail: '', timedOut: false }
  }
  t.equal(await server.start(), undefined)
  t.strictSame(server.service.requests, ['start'])
  t.match(server.told.at(-1), /it is left to the watch/)
})

t.test('nothing is tried again once pgwatchd is to end', async (t) => {
  const server = makeServer()
  server.service.onStart = () => (server.stop.abort(), refused('no'))
  await server.start()
  t.equal(starts(server), 1)
})

const REFUSED: Readonly<Record<string, { readonly spoil: (server: Server) => void; readonly why: object }>> = {
  'a volume that is not mounted, though files lie there': {
    spoil: ({ files }) => files.put('/proc/self/mountinfo', MOUNTINFO),
    why: { code: 'not-mounted', message: /below \/var\/lib\/postgresql, for which/, hint: /sudo mount \/var\/lib\/postgresql/ },
  },
  'an empty directory': {
    spoil: ({ files }) => (files.erase(DATA), files.putDirectory(DATA)),
    why: { code: 'unstartable', message: /is empty/ },
  },
  'another PG_VERSION': {
    spoil: ({ files }) => files.put(`${DATA}/PG_VERSION`, '14\n'),
    why: { code: 'unstartable', message: /PG_VERSION says 14, and the programs are those of 15/ },
  },
  'no pg_control': {
    spoil: ({ files }) => files.erase(`${DATA}/global/pg_control`),
    why: { code: 'unstartable', message: /pg_control is missing/ },
  },
  'a configuration that the server refuses': {
    spoil: ({ commands }) =>
      commands.on('postgres', {
        exitCode: 1,
        stderr: '2026-11-21 00:00:00 UTC [9] LOG:  unrecognized configuration parameter "x" in file "/etc/pg.conf" line 12\n',
      }),
    why: { code: 'configuration-refused', message: /\/etc\/pg\.conf:12: unrecognized/ },
  },
}

for (const [what, { spoil, why }] of Object.entries(REFUSED))
  t.test(`nothing is started over ${what}`, async (t) => {
    const server = makeServer()
    spoil(server)
    t.match(await server.start(), why)
    t.strictSame(server.service.requests, [])
  })

t.test('a server that runs, or belongs to another manager, is left alone', async (t) => {
  const { cluster, context, processes, files } = makeServer()
  const reason = () => findReasonToLeave(cluster, context.outside, '/state')
  t.equal(await reason(), undefined)
  files.put(`${DATA}/patroni.dynamic.json`, '{}')
  t.match(await reason(), /belongs to patroni/)
  processes.putPostgres(DATA, { pid: 4711 })
  t.match(await reason(), /runs already \(pid 4711\)/)
})
