import type { Scene } from '../scene.ts'
import { untilOver } from '../scene.ts'

/** SIGKILL of the postmaster. */
export const kill: Scene = {
  title: 'The server is killed',
  obstacle: () => '',
  async play(stage) {
    const pid = stage.cluster.postmasterPid()
    const beganMs = performance.now()
    stage.narrator.tell('demo', `kill -9 ${pid}, the postmaster`)
    process.kill(pid, 'SIGKILL')
    await untilOver(stage, beganMs, 20_000)
    return { broke: 'the postmaster was killed with SIGKILL' }
  },
}
