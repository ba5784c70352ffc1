import t from 'tap'
import { createHost } from '../fakes/host.ts'

t.test('each change is told when it happens, and nothing twice', async (t) => {
  const host = await createHost()
  const { statuses } = host.daemon
  await host.advance('1m')
  t.equal(statuses.at(-1), '15-main healthy')
  t.strictSame(
    statuses.filter((line) => line === '15-main healthy'),
    ['15-main healthy'],
  )
  host.server.crash()
  await host.rest()
  const told = statuses.slice(statuses.indexOf('15-main healthy') + 1)
  t.ok(told.includes('15-main recovering (start-postgres)'))
  t.equal(told.at(-1), '15-main healthy')
  t.notOk(told.some((line, index) => line === told[index - 1]))
})

t.test('after a reload the line is that of the watches', async (t) => {
  const host = await createHost()
  await host.advance('10s')
  host.configure('watch: { interval: 30s }')
  await host.daemon.reload()
  t.equal(host.daemon.statuses.at(-1), '15-main healthy')
})
