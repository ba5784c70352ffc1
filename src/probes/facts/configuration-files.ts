import type { Cluster } from '../../core/cluster.ts'
import type { Files } from '../../ports/files.ts'

const BESIDE = ['pg_hba.conf', 'pg_ident.conf']
/** Debian's directory of drop-ins; others are noticed when the file that includes them is written. */
const DROP_INS = 'conf.d'
const DROP_INS_AT_MOST = 100

/** What changes whenever a file of the server's configuration is written, replaced, added or removed. Rejects with `OutsideError`. */
export async function markConfiguration({ configFile, dataDirectory }: Cluster, files: Files): Promise<string> {
  const main = configFile === '' ? `${dataDirectory}/postgresql.conf` : configFile
  const directory = main.slice(0, main.lastIndexOf('/'))
  const dropIns = ((await files.list(`${directory}/${DROP_INS}`)) ?? []).slice(0, DROP_INS_AT_MOST)
  const paths = [
    main,
    `${dataDirectory}/postgresql.auto.conf`,
    ...BESIDE.map((name) => `${directory}/${name}`),
    ...dropIns.map((name) => `${directory}/${DROP_INS}/${name}`),
  ]
  const marks = await Promise.all(paths.map((path) => markOf(files, path)))
  return marks.join('\n')
}

async function markOf(files: Files, path: string): Promise<string> {
  const status = await files.status(path)
  return `${path} ${status === undefined ? '-' : `${status.inode} ${status.sizeBytes} ${status.modifiedWallMs}`}`
}
