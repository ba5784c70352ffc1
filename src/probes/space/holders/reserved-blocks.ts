import { describeBytes } from '../../../core/disk/bytes.ts'
import type { SpaceHolder } from '../../../core/disk/holder.ts'
import { findMount } from '../../../core/linux/mount-info.ts'
import { readMounts } from '../mounts.ts'
import type { HeldPlace, HolderGround, HolderQuestion } from './question.ts'

/** What `tune2fs -m 1` leaves for root. */
const LEFT_RATIO = 0.01
/** Less than a WAL file is no help. */
const WORTH_TELLING_BYTES = 16 << 20

/** Blocks that ext4 keeps for root, 5 % by default: a ballast that everybody has, and that is given back in a moment. */
export const reservedBlocks: HolderQuestion = {
  name: 'reserved-blocks',
  async ask(ground) {
    const mounts = await readMounts(ground.outside.files)
    const holders: SpaceHolder[] = []
    for (const place of onceEach(ground)) {
      const { reservedBytes, totalBytes } = await ground.outside.files.volume(place.path)
      const mount = findMount(mounts, place.path)
      const gainBytes = reservedBytes - totalBytes * LEFT_RATIO
      if (mount?.type.startsWith('ext') !== true || gainBytes < WORTH_TELLING_BYTES) continue
      const sentence = `${describeBytes(reservedBytes)} of ${mount.mountPoint} are reserved for root (${mount.type})`
      const remark = `gives the server ${describeBytes(gainBytes)} at once, without loss; root keeps 1 %`
      const commands = [{ as: 'shell' as const, text: `sudo tune2fs -m 1 ${mount.source}`, remark }]
      holders.push({ kind: 'reserved-blocks', device: place.device, bytes: reservedBytes, sentence, commands })
    }
    return holders
  },
}

/** One place of each file system. */
function onceEach({ places }: HolderGround): readonly HeldPlace[] {
  return [...new Map(places.toReversed().map((place) => [place.device, place])).values()]
}
