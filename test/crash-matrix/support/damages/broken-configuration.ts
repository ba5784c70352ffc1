import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import type { Damage } from './damage.ts'

export const brokenConfiguration: Damage = {
  name: 'broken-configuration',
  sentence: 'the server is dead, and postgresql.conf has a setting that does not exist',
  async make({ server, cluster }) {
    const path = `${cluster.dataDirectory}/postgresql.conf`
    const whole = readFileSync(path)
    await server.kill()
    appendFileSync(path, 'no_such_parameter = 1\n')
    return { person: { told: /configuration/i, act: async () => writeFileSync(path, whole) } }
  },
}
