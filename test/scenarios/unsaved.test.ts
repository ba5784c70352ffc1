import t from 'tap'
import { createHost } from '../fakes/host.ts'
import type { SimulatedHost } from '../fakes/host.ts'
import { OutsideError } from '../../src/ports/outside-error.ts'

/** Every write below the state directory, or of the files with that ending, fails until the result is called. */
function breakWrites(host: SimulatedHost, code: string, ending = ''): () => void {
  return host.gate.hook(({ operation, object }) => {
    const hit =
      /^files (overwrite|writeDurably|appendDurably|makeDirectory)$/.test(operation) &&
      object.startsWith('/var/lib/pgwatchd') &&
      object.endsWith(ending)
    return hit ? new OutsideError({ operation: 'write', object, code, reason: code }) : 'pass'
  })
}

for (const code of ['ENOSPC', 'EIO']) {
  t.test(`state that cannot be written (${code}): nothing is done, CRITICAL is told, and it recovers once it can be written`, async (t) => {
    const host = await createHost()
    const mend = breakWrites(host, code)
    host.server.crash()
    await host.advance('10m')
    t.same(host.acts(), [])
    t.equal(host.daemon.watch().stateSaved, false)
    t.equal(host.mails().filter(({ subject }) => /CRITICAL.*cannot save its state/.test(subject)).length, 1)
    t.equal(host.mails().filter(({ subject }) => /recovery has started|given up/.test(subject)).length, 0)
    t.equal(host.events().filter((event) => event === 'incident-not-saved').length, 1, 'one incident')
    t.ok(host.events().filter((event) => event.startsWith('mode-')).length <= 2, 'no line without news')
    mend()
    await host.advance('15s')
    await host.rest()
    t.equal(host.mode(), 'healthy')
    t.equal(host.daemon.watch().stateSaved, true)
    t.same(host.acts(), ['start'])
    t.equal((await host.savedState())?.attempts.length, 1)
  })
}

t.test('a journal that cannot be written: nothing is done, no attempt is used up', async (t) => {
  const host = await createHost()
  const mend = breakWrites(host, 'EIO', '.journal')
  host.server.crash()
  await host.advance('20m')
  t.same(host.acts(), [])
  t.equal(host.mode(), 'waiting')
  t.same((await host.savedState())?.attempts, [])
  t.ok(host.mails().some(({ subject }) => /held up/.test(subject)))
  mend()
  await host.advance('16m')
  await host.rest()
  t.equal(host.mode(), 'healthy')
  t.same(host.acts(), ['start'])
})

t.test('a pause that cannot be saved is refused', async (t) => {
  const host = await createHost()
  breakWrites(host, 'ENOSPC')
  t.match(await host.daemon.ask({ command: 'pause', by: 'anna' }), [{ ok: false, code: 'failed' }])
})
