import type { Damage } from './damage.ts'

export const cleanStop: Damage = {
  name: 'clean-stop',
  sentence: 'the server was stopped cleanly, and the grace of an operator is over',
  async make({ server }) {
    await server.stop()
    return {}
  },
}
