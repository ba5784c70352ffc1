import type { Damage } from './damage.ts'

export const frozen: Damage = {
  name: 'frozen',
  sentence: 'the postmaster is suspended with SIGSTOP',
  async make({ server }) {
    const before = await server.postmasterPid()
    await server.signalPostmaster('SIGSTOP')
    return {
      problems: async () => ((await server.postmasterPid()) === before ? [] : ['it was restarted, and every session was lost']),
    }
  },
}
