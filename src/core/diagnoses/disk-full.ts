import type { Diagnosis, Found, View } from './diagnosis.ts'
import { quote, rejectedWith, serverIsDown } from './diagnosis.ts'
import { strengthOfCrash } from './ending.ts'

/** Room comes first: a server that is restarted on a full disk is a dead one. */
export const diskFull: Diagnosis = {
  name: 'disk-full',
  examine(view) {
    const refused = rejectedWith(view, ['53100'])
    const evidence = [...refused.map(quote), ...roomEvidence(view)]
    const lacksRoom = view.facts.smallestFreeBytes !== undefined && view.facts.smallestFreeBytes < view.facts.neededFreeBytes
    if (serverIsDown(view)) return lacksRoom ? down(view, evidence) : { ruledOut: 'there is room for the server to start' }
    if (refused.length > 0 || (lacksRoom && view.facts.log.outOfSpace)) return up(view, evidence)
    return { ruledOut: 'no statement was refused for lack of room' }
  },
}

function roomEvidence({ facts }: View): readonly string[] {
  if (facts.smallestFreeBytes === undefined) return []
  const log = facts.log.outOfSpace ? ['the server log says "No space left on device"'] : []
  return [
    `${facts.smallestFreeBytes} bytes are free, ${facts.neededFreeBytes} are needed, ${facts.freeableBytes} can be freed safely`,
    ...log,
  ]
}

function down(view: View, evidence: readonly string[]): Found {
  const { facts } = view
  if ((facts.smallestFreeBytes ?? 0) + facts.freeableBytes < facts.neededFreeBytes) {
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

function up({ facts }: View, evidence: readonly string[]): Found {
  if (facts.freeableBytes > 0) {
    return {
      cause: 'disk-full',
      response: 'recover',
      plan: 'free-space',
      verdict: 'the disk is full; the server runs and room can be freed without stopping it',
      evidence,
    }
  }
  return {
    cause: 'disk-full',
    response: 'person',
    verdict: 'the disk is full and nothing can be freed safely; the server is left running',
    evidence,
  }
}
