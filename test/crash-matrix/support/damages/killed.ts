import type { Damage } from './damage.ts'

export const killed: Damage = {
  name: 'killed',
  sentence: 'the postmaster is killed with SIGKILL, and all its processes with it',
  async make({ server }) {
    await server.kill()
    return {}
  },
}
