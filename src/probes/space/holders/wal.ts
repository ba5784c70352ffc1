import { describeBytes } from '../../../core/disk/bytes.ts'
import { isWalFileName } from '../../../core/postgres/wal-file.ts'
import type { HolderQuestion } from './question.ts'
import { placeOf } from './question.ts'
import { segmentBytesOf } from './segment-bytes.ts'

/** Segments are as large as they ever get from the beginning: their number is enough. */
export const wal: HolderQuestion = {
  name: 'wal',
  async ask(ground) {
    const place = placeOf(ground, 'wal')
    if (place === undefined) return []
    const names = (await ground.outside.files.list(place.path)) ?? []
    const bytes = names.filter(isWalFileName).length * segmentBytesOf(ground)
    const sentence = `pg_wal holds ${describeBytes(bytes)} (${place.path})`
    return [{ kind: 'wal', device: place.device, bytes, sentence, commands: [] }]
  },
}
