import type { Command } from '../cause.ts'
import { megabytes } from '../disk/bytes.ts'
import { describeShortage, isHelped, isMendable, isShort } from '../disk/room.ts'
import type { Facts } from '../facts.ts'
import type { Diagnosis, Found, View } from './diagnosis.ts'
import { quote, rejectedWith, serverIsDown } from './diagnosis.ts'
import { strengthOfCrash } from './ending.ts'

const QUOTA = /: Disk quota exceeded$/

type Rooms = NonNullable<Facts['rooms']>

/** Room comes first: a server that is restarted on a full disk is a dead one, and one that runs there ends with the next WAL file. */
export const diskFull: Diagnosis = {
  name: 'disk-full',
  examine(view) {
    const refused = rejectedWith(view, ['53100'])
    const limited = view.failed.filter(({ detail }) => QUOTA.test(detail))
    const short = (view.facts.rooms ?? []).filter(isShort)
    const evidence = [...refused.map(quote), ...short.map(describe), ...wordsOfTheLog(view)]
    if (short.length === 0 && (limited.length > 0 || endedOverQuota(view))) return overQuota(view, limited)
    if (serverIsDown(view)) return short.length > 0 ? down(view, short, evidence) : { ruledOut: 'there is room for the server to start' }
    if (short.length > 0)
      return { ...up(view, short, evidence), ...(view.failed.every(({ probe }) => probe === 'disk') ? { serving: true } : {}) }
    if (refused.length > 0)
      return person('the server refuses writes for lack of room, and every file system that was looked at has some', evidence)
    return { ruledOut: 'there is room, and no statement was refused for lack of it' }
  },
}

function describe(room: Rooms[number]): string {
  return `${describeShortage(room)}; ${megabytes(room.freeable.bytes)} can be freed safely`
}

function wordsOfTheLog({ facts }: View): readonly string[] {
  return facts.log.outOfSpace ? ['the server log says that there is no space left'] : []
}

function down(view: View, short: Rooms, evidence: readonly string[]): Found {
  if (!short.every((room) => isMendable(room, room.freeable))) {
    return {
      cause: 'disk-full',
      response: 'wait',
      verdict: 'the server is down and its disk is full: waiting for room, a start could only fail',
      evidence,
    }
  }
  return {
    cause: 'disk-full',
    response: 'recover',
    plan: 'restart',
    strength: strengthOfCrash(view),
    verdict: 'the server is down and its disk is full; room can be freed',
    evidence,
  }
}

function up({ readings }: View, short: Rooms, evidence: readonly string[]): Found {
  if (readings.connection.evidence['inRecovery'] === true)
    return person('the disk of this standby is full; pgwatchd never acts on one, and the server is left running', evidence)
  if (short.some((room) => isHelped(room, room.freeable))) {
    return {
      cause: 'disk-full',
      response: 'recover',
      plan: 'free-space',
      verdict: 'the disk is full; the server runs and room can be freed without stopping it',
      evidence,
    }
  }
  return person('the disk is full and nothing can be freed safely; the server is left running', evidence)
}

/**
 * A quota is not seen in what the volume has free, and giving back what another owner or project has used does not mend it. A
 * server that went down over it gets one start: the recovery from the crash may fit, and nothing tells that beforehand.
 */
function overQuota(view: View, limited: View['failed']): Found {
  const { facts } = view
  const has = (facts.rooms ?? []).map(
    ({ roles, path, availableBytes }) => `${roles.join(', ')} (${path}) has ${megabytes(availableBytes)} free`,
  )
  const said = [...new Set([...facts.log.panics, facts.log.lastFatal])].filter((words) => QUOTA.test(words))
  const about = { evidence: [...limited.map(quote), ...said, ...has], commands: ON_QUOTAS }
  if (!serverIsDown(view))
    return {
      ...person('the disk quota of the server is used up, though the volume has room; the server is left running', about.evidence),
      ...about,
    }
  const verdict = 'the server is down, and the disk quota that it writes under was used up: one start, then a person'
  return { cause: 'disk-full', response: 'recover', plan: 'restart', strength: strengthOfCrash(view), attemptsAtMost: 1, verdict, ...about }
}

/** By the server's own last words. */
function endedOverQuota(view: View): boolean {
  const { panics, lastFatal } = view.facts.log
  return serverIsDown(view) && [...panics, lastFatal].some((words) => QUOTA.test(words))
}

/** Of the user, of the project that the directory belongs to, of the subvolume: whichever the file system knows. */
const ON_QUOTAS: readonly Command[] = [
  { shell: 'sudo repquota -asug' },
  { shell: "sudo xfs_quota -x -c 'report -hugp'" },
  { shell: 'sudo btrfs qgroup show -reF /var/lib/postgresql' },
]

function person(verdict: string, evidence: readonly string[]): Found {
  return { cause: 'disk-full', response: 'person', verdict, evidence }
}
