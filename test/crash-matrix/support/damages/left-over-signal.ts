import { existsSync, rmSync } from 'node:fs'
import { writeOwned } from '../stage.ts'
import type { Damage } from './damage.ts'

export const leftOverSignal: Damage = {
  name: 'left-over-signal',
  sentence: 'the server is dead, and a recovery.signal that nobody means keeps it from starting',
  async make(stage) {
    const path = `${stage.cluster.dataDirectory}/recovery.signal`
    await stage.server.kill()
    writeOwned(stage, path, '')
    const act = async (): Promise<void> => rmSync(path, { force: true })
    return { person: { told: /./, act }, problems: async () => (existsSync(path) ? ['recovery.signal is still there'] : []) }
  },
}
