import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { startInnocent } from '../innocent.ts'
import type { Damage } from './damage.ts'

/** As after a reboot: the lock file is there, and its pid is now another program's. */
export const stalePidFile: Damage = {
  name: 'stale-pid-file',
  sentence: 'postmaster.pid of a dead server names a living process of the same user that is none of PostgreSQL',
  async make({ server, cluster, stateDirectory }) {
    const path = `${cluster.dataDirectory}/postmaster.pid`
    const before = readFileSync(path, 'utf8')
    await server.kill()
    const innocent = startInnocent()
    const stale = before.replace(/^\d+/, String(innocent.pid))
    writeFileSync(path, stale)
    return {
      problems: async () => [
        ...(innocent.isAlive() ? [] : ['the innocent process was killed']),
        ...(globSync(`${stateDirectory}/incidents/*/**/*postmaster.pid`).some((copy) => readFileSync(copy, 'utf8') === stale)
          ? []
          : ['the stale postmaster.pid was not kept']),
      ],
    }
  },
}
