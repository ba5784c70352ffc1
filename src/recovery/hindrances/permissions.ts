import type { Finder } from './ground.ts'
import { unstartable } from './ground.ts'

/** Modes that PostgreSQL accepts for the data directory. */
const MODES = [0o700, 0o750]
const GROUP_MAY_READ = 0o040

/** PostgreSQL runs only as the owner of its directory, and only where nobody else may write to it, or read it. */
export const findPermissions: Finder = async ({ cluster, outside, directory }) => {
  const { dataDirectory } = cluster
  const inside = await outside.files.status(`${dataDirectory}/global/pg_control`)
  const own = inside?.uid ?? directory.uid
  if (own !== directory.uid)
    return [
      unstartable(dataDirectory, `${dataDirectory} belongs to user ${directory.uid}, and the files in it to user ${own}`, {
        evidence: ['PostgreSQL refuses a data directory that is not its own; only root can give it back'],
        commands: [{ shell: `sudo chown ${own}:${inside?.gid ?? own} ${dataDirectory}` }],
      }),
    ]
  if (MODES.includes(directory.mode)) return []
  const mode = ((inside?.mode ?? 0) & GROUP_MAY_READ) === 0 ? 0o700 : 0o750
  const [before, after] = [directory.mode.toString(8), mode.toString(8)]
  return [
    unstartable(dataDirectory, `${dataDirectory} has the permissions ${before}, and PostgreSQL accepts 700 or 750 only`, {
      evidence: [`its files have those of a cluster with ${after}`],
      commands: [{ shell: `sudo chmod ${after} ${dataDirectory}` }],
      mend: { kind: 'set-mode', mode },
    }),
  ]
}
