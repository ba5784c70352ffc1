import { setTimeout as sleep } from 'node:timers/promises'
import { isAlive, waitUntil } from '../../../support/cluster-processes.ts'
import type { Damage } from './damage.ts'

/** A backend that cannot notice the postmaster's death keeps the shared memory, and PostgreSQL refuses to start beside it. */
export const orphanedBackend: Damage = {
  name: 'orphaned-backend',
  sentence: 'the postmaster is dead, and a suspended backend of it lives on',
  async make({ server }) {
    const session = server.psql('select pg_sleep(600)').catch(() => undefined)
    const query = `select pid from pg_stat_activity where query like 'select pg_sleep%' and pid <> pg_backend_pid()`
    await waitUntil('the backend works', async () => (await server.psql(query)) !== '')
    const backend = Number(await server.psql(query))
    const postmaster = await server.postmasterPid()
    process.kill(backend, 'SIGSTOP')
    process.kill(postmaster, 'SIGKILL')
    await waitUntil('the postmaster is gone', () => !isAlive(postmaster))
    await sleep(100)
    void session
    return { problems: async () => (isAlive(backend) ? ['the orphan is still there'] : []) }
  },
}
