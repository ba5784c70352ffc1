import { isCleanlyShutDown } from '../../core/postgres/control-file.ts'
import type { Finder } from './ground.ts'
import { unstartable } from './ground.ts'

/**
 * A tablespace whose volume is not mounted. The recovery after a crash would write what belongs there into the empty place, or stop;
 * once the volume is mounted again, those writes are missing on it. After a clean stop the rest of the cluster can serve meanwhile.
 */
export const findTablespaces: Finder = async ({ cluster, outside: { files }, controlFile }) => {
  if (controlFile === undefined || isCleanlyShutDown(controlFile.state)) return []
  const links = ((await files.list(`${cluster.dataDirectory}/pg_tblspc`)) ?? []).filter((name) => /^\d+$/.test(name))
  const targets = await Promise.all(
    links.map(async (name) => {
      const link = `${cluster.dataDirectory}/pg_tblspc/${name}`
      const target = await files.resolve(link)
      const held = target === undefined ? [] : ((await files.list(target)) ?? [])
      return { link, name, isThere: held.some((each) => each.startsWith('PG_')) }
    }),
  )
  return targets
    .filter(({ isThere }) => !isThere)
    .map(({ link, name }) =>
      unstartable(link, `the tablespace ${name} is not where ${link} leads: its volume is not mounted`, {
        evidence: ['the server crashed, and its recovery needs that tablespace: mount it, and do nothing else'],
        commands: [{ shell: `readlink ${link}; findmnt; cat /etc/fstab` }],
      }),
    )
}
