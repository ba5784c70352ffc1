import { chownSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import type { Damage } from './damage.ts'

export const missingDirectory: Damage = {
  name: 'missing-directory',
  sentence: 'the server is dead, and the empty directory pg_notify is gone, as after a copy that left it out',
  configuration: ['  attempts: 1'],
  async make({ server, cluster, owner }) {
    const path = `${cluster.dataDirectory}/pg_notify`
    await server.kill()
    rmSync(path, { recursive: true })
    const act = async (): Promise<void> => {
      mkdirSync(path, { mode: 0o700, recursive: true })
      chownSync(path, owner.uid, owner.gid)
      await server.start()
    }
    return { person: { told: /given up/, act }, problems: async () => (existsSync(path) ? [] : ['pg_notify is still missing']) }
  },
}
