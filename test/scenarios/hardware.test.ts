import t from 'tap'
import { createHost } from '../fakes/host.ts'

const FSYNC = 'could not fsync file "base/5/16384": Input/output error'

t.test('storage errors: one restart, then a person with what the kernel says, and hands off', async (t) => {
  const host = await createHost()
  host.server.panic(FSYNC)
  await host.until(() => host.server.phase === 'running', '2m')
  t.same(host.acts(), ['start'])
  host.server.conditions.fatalAtStart = FSYNC
  host.server.panic(FSYNC)
  await host.advance('3h')
  t.ok(host.acts().length <= 2, `${host.acts().length} starts`)
  const mail = host.mails().find(({ subject, text }) => subject.includes('CRITICAL') && text.includes('reports'))
  t.match(mail?.text, /kernel: .*Buffer I\/O error on dev sda1/)
})
