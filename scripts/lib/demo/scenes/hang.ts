import type { Scene } from '../scene.ts'
import { untilOver } from '../scene.ts'

/** SIGSTOP of the postmaster: the socket still accepts connections, and nobody answers. */
export const hang: Scene = {
  title: 'The server hangs',
  obstacle: () => '',
  async play(stage) {
    const pid = stage.cluster.postmasterPid()
    const beganMs = performance.now()
    stage.narrator.tell('demo', `kill -STOP ${pid}, the postmaster: it stays, and answers nobody`)
    process.kill(pid, 'SIGSTOP')
    await untilOver(stage, beganMs, 25_000)
    return { broke: 'the postmaster was suspended with SIGSTOP' }
  },
}
