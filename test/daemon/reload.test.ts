import t from 'tap'
import { createHost } from '../fakes/host.ts'
import { CONFIG_FILE } from '../fakes/simulated-daemon.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'

t.test('a valid file counts at once, and the watch goes on', async (t) => {
  const host = await createHost()
  const watch = host.daemon.watch()
  host.configure('watch: { interval: 30s }\nrecovery: { attempts: 5 }')
  t.match(await host.daemon.reload(), { ok: true, text: /watching 15-main/ })
  t.equal(host.daemon.watch(), watch)
  t.match(watch.settings, { intervalMs: 30_000, limits: { attempts: 5 } })
})

t.test('a missing, unreadable or mistaken file keeps the old one; every mistake is in the journal', async (t) => {
  const host = await createHost()
  const before = host.daemon.watch().settings
  host.files.put(CONFIG_FILE, 'clusters: []\nwatch: { interval: soon, confirm: 1s }\n')
  t.match(await host.daemon.reload(), { ok: false, text: /the old one stays/ })
  const said = host.journal.filter(({ event }) => event === 'configuration-refused').map(({ message }) => message)
  t.ok(said.length >= 2 && said.every((message) => message.startsWith(`${CONFIG_FILE}:`)))
  const unhook = host.gate.hook(({ object }) =>
    object === CONFIG_FILE ? new OutsideError({ operation: 'read', object, code: 'EACCES', reason: 'EACCES' }) : 'pass',
  )
  t.match(await host.daemon.reload(), { ok: false, text: /EACCES/ })
  unhook()
  t.equal(host.daemon.watch().settings, before)
})

t.test('where things are kept stays until the next start, and that is said', async (t) => {
  const host = await createHost()
  host.configure('state_directory: /srv/pgwatchd')
  t.match(await host.daemon.reload(), { ok: true })
  t.ok(host.journal.some(({ message }) => /state_directory takes effect with the next start/.test(message)))
  host.server.crash()
  await host.rest()
  t.notOk(host.files.paths().some((path) => path.startsWith('/srv')))
})

t.test('reloads never overlap, and the last file counts', async (t) => {
  const host = await createHost()
  host.configure('watch: { interval: 30s }')
  const first = host.daemon.reload()
  host.configure('watch: { interval: 40s }')
  const second = host.daemon.reload()
  t.match(await Promise.all([first, second]), [{ ok: true }, { ok: true }])
  t.equal(host.daemon.watch().settings.intervalMs, 40_000)
})

t.test('attempts, a pause and the mode survive a reload', async (t) => {
  const host = await createHost()
  host.server.crash()
  await host.rest()
  await host.ask({ command: 'pause', by: 'anna' })
  host.configure('watch: { failures: 5 }')
  await host.daemon.reload()
  t.match(await host.savedState(), { mode: 'paused', attempts: [{}], pause: { by: 'anna' } })
})
