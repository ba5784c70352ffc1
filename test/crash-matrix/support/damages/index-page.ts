import { damageOnDisk } from '../pages.ts'
import type { Damage } from './damage.ts'

export const indexPage: Damage = {
  name: 'index-page',
  sentence: 'one page of an index fails its checksum, and the application uses it',
  async make(stage) {
    await damageOnDisk(stage, 'precious_pkey', 2)
    return { use: () => stage.server.psql('set enable_seqscan = off; select count(text) from precious where id > 0') }
  },
}
