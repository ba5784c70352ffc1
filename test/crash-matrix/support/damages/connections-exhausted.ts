import pg from 'pg'
import type { Damage } from './damage.ts'

/** The application takes every slot, and asks for more. */
export const connectionsExhausted: Damage = {
  name: 'connections-exhausted',
  sentence: 'idle sessions of the application take every slot',
  async make({ server, cluster }) {
    const before = await server.postmasterPid()
    const sessions: pg.Client[] = []
    const hoard = async (): Promise<void> => {
      for (;;) {
        const client = new pg.Client({ host: cluster.socketDirectory, port: cluster.port, user: 'app', database: 'app' })
        client.on('error', () => undefined)
        try {
          await client.connect()
        } catch {
          return
        }
        sessions.push(client)
      }
    }
    await hoard()
    const release = async (): Promise<void> => void (await Promise.all(sessions.map((session) => session.end())))
    return {
      person: { told: /connection/i, act: release },
      problems: async () => ((await server.postmasterPid()) === before ? [] : ['it was restarted, and every session was lost']),
    }
  },
}
