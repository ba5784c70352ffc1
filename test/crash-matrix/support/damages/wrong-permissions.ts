import { chmodSync, statSync } from 'node:fs'
import type { Damage } from './damage.ts'

export const wrongPermissions: Damage = {
  name: 'wrong-permissions',
  sentence: 'the server is dead, and its data directory is open to everybody, which PostgreSQL refuses',
  async make({ server, cluster }) {
    await server.kill()
    chmodSync(cluster.dataDirectory, 0o777)
    return {
      person: { told: /./, act: async () => chmodSync(cluster.dataDirectory, 0o700) },
      problems: async () => ((statSync(cluster.dataDirectory).mode & 0o027) === 0 ? [] : ['the data directory is still open']),
    }
  },
}
