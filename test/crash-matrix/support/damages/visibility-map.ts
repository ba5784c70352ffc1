import { damageOnDisk } from '../pages.ts'
import type { Damage } from './damage.ts'

/** More pages than the server has buffers: what was zeroed in memory is read from disk again. */
const PUSH_OUT = 'select count(*) from pg_proc; select count(*) from pg_attribute; select count(*) from pg_depend'
const USE_MAP = 'set enable_seqscan = off; select count(id) from precious where id > 0'

/** PostgreSQL takes a damaged map for an empty one, and answers; only its log tells. */
export const visibilityMap: Damage = {
  name: 'visibility-map',
  sentence: 'the visibility map of a table fails its checksum, and the application uses it',
  async make(stage) {
    const page = await damageOnDisk(stage, 'precious', 0, '_vm')
    const use = async (): Promise<void> => {
      await stage.server.psql(`${PUSH_OUT}; ${USE_MAP}`)
      if (!(await page.isMended())) throw new Error('the map is still damaged on disk')
    }
    return { use }
  },
}
