import { execFileSync, spawnSync } from 'node:child_process'

/** Who runs PostgreSQL and pgwatchd: this user, or, for root, the user postgres, because PostgreSQL refuses root. */
export interface Identity {
  readonly isRoot: boolean
  readonly user: string
  readonly uid: number
  readonly gid: number
}

function idOf(option: string, user: string): number {
  return Number(execFileSync('id', [option, user], { encoding: 'utf8' }))
}

/** The identity for this process; throws when root finds no user postgres. */
export function findIdentity(): Identity {
  const uid = process.getuid?.() ?? -1
  if (uid !== 0)
    return { isRoot: false, user: execFileSync('id', ['-un'], { encoding: 'utf8' }).trim(), uid, gid: process.getgid?.() ?? -1 }
  return { isRoot: true, user: 'postgres', uid: idOf('-u', 'postgres'), gid: idOf('-g', 'postgres') }
}

/** The words that run `words` as that identity. */
export function wordsAs(identity: Identity, words: readonly string[]): readonly string[] {
  if (!identity.isRoot) return words
  return ['setpriv', `--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--init-groups', '--', ...words]
}

/** Whether that identity can read the program: a checkout below /root is closed to postgres. */
export function canRead(identity: Identity, path: string): boolean {
  const [file = '', ...rest] = wordsAs(identity, ['test', '-r', path])
  return spawnSync(file, rest).status === 0
}
