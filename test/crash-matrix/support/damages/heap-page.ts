import { globSync, readFileSync } from 'node:fs'
import { damageOnDisk } from '../pages.ts'
import type { Damage } from './damage.ts'

const BLOCK = 3

/** No good copy is left: neither in memory, nor elsewhere. */
export const heapPage: Damage = {
  name: 'heap-page',
  sentence: 'one page of a table fails its checksum, and the application reads it',
  async make(stage) {
    const { server, stateDirectory } = stage
    const ids = (await server.psql(`select id from precious where (ctid::text::point)[0] = ${String(BLOCK)} order by id`)).split('\n')
    const doomed = await server.psql(`select 'precious ' || p::text from precious p where (ctid::text::point)[0] = ${String(BLOCK)}`)
    const { image } = await damageOnDisk(stage, 'precious', BLOCK)
    const isKept = (pattern: string, fits: (content: Buffer) => boolean): boolean =>
      globSync(`${stateDirectory}/incidents/*/${pattern}`).some((file) => fits(readFileSync(file)))
    return {
      use: () => server.psql('select count(text) from precious'),
      doomed: new Set(doomed.split('\n')),
      problems: async () => [
        ...(isKept('pages/*', (content) => content.equals(image)) ? [] : ['the image of the page was not kept']),
        ...(isKept('lost-keys/*', (content) => content.toString().trim() === ids.join('\n'))
          ? []
          : ['the keys of the lost rows are not listed']),
        ...(await countsThatDiffer(server)),
      ],
    }
  },
}

async function countsThatDiffer({ psql }: { psql(sql: string): Promise<string> }): Promise<readonly string[]> {
  const bySequence = await psql(
    'set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off; select count(*) from precious where id > 0',
  )
  const byIndex = await psql('set enable_seqscan = off; select count(*) from precious where id > 0')
  return bySequence === byIndex ? [] : [`the table has ${bySequence} rows, its index ${byIndex}`]
}
