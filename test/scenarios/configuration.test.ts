import t from 'tap'
import { createHost } from '../fakes/host.ts'
import { DATA } from '../fakes/simulated-data-directory.ts'

const REFUSAL = '2026-11-21 01:44:12 GMT [1] LOG:  unrecognized configuration parameter "no_such" in file "/data/postgresql.conf" line 12\n'

t.test(
  'a configuration that is broken while the server runs is a warning before it hurts, and a change alone makes it be tried',
  async (t) => {
    const host = await createHost()
    host.files.put(`${DATA}/postgresql.conf`, 'shared_buffers = 128MB\n')
    await host.advance('2m')
    const tried = host.commands.requests.length
    await host.advance('1h')
    t.equal(host.commands.requests.length, tried, 'nothing is started in steady state')
    host.server.conditions.configurationError = REFUSAL
    host.files.put(`${DATA}/postgresql.conf`, 'no_such = 1\n')
    await host.until(() => host.mails().length > 0, '2m')
    t.match(host.mails()[0]?.subject, /WARNING.*next start would fail: \/data\/postgresql.conf:12/)
    t.equal(host.mode(), 'healthy')
    await host.advance('30m')
    t.equal(host.commands.requests.length, tried + 1)
    t.same(host.acts(), [])
    host.server.conditions.configurationError = ''
    host.files.put(`${DATA}/postgresql.conf`, 'shared_buffers = 128MB # mended\n')
    await host.until(() => host.events().includes('alert-warning-cleared'), '2m')
  },
)
