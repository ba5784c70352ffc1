import { describeBytes } from '../../../core/disk/bytes.ts'
import { isEarlierLog } from '../../../core/disk/safe-list.ts'
import { currentLogFile } from '../../facts/current-log-file.ts'
import type { HolderQuestion } from './question.ts'

const FILES_AT_MOST = 1_000

/** The server's log and its earlier ones. */
export const serverLogs: HolderQuestion = {
  name: 'server-logs',
  async ask({ cluster, outside: { files } }) {
    const path = await currentLogFile(cluster, files)
    const open = path === '' ? undefined : await files.status(path)
    if (open === undefined) return []
    const directory = path.slice(0, path.lastIndexOf('/'))
    const openName = path.slice(path.lastIndexOf('/') + 1)
    const names = ((await files.list(directory)) ?? []).filter((name) => isEarlierLog(name, openName)).slice(0, FILES_AT_MOST)
    let earlierBytes = 0
    for (const name of names) earlierBytes += (await files.status(`${directory}/${name}`))?.allocatedBytes ?? 0
    const sentence = `the open server log ${path} holds ${describeBytes(open.allocatedBytes)}, ${names.length} earlier ones ${describeBytes(earlierBytes)}`
    const remark = 'forgets what it says; the server goes on writing to it, and removing it instead would give back nothing'
    const commands =
      open.allocatedBytes > earlierBytes ? [{ as: 'shell' as const, text: `sudo -u postgres truncate -s 0 ${path}`, remark }] : []
    return [{ kind: 'server-log', device: open.device, bytes: open.allocatedBytes + earlierBytes, sentence, commands }]
  },
}
