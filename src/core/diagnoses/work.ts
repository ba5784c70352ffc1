import type { Found, View } from './diagnosis.ts'
import { judgeEnding } from './ending.ts'

/** Somebody at work on a server that is down, however it ended: a start would spoil the work, or be spoiled by it. */
export function examineWork(view: View): Found | undefined {
  const { packageUpgrade, dataDirectoryUser, dataDirectoryUserIsHot } = view.facts
  if (packageUpgrade) return wait('the server is down while a package upgrade runs', 'a package manager is at work')
  if (dataDirectoryUser.status === 'none') return undefined
  // A crash has ended every backup of the running server; the copy that goes on is worth nothing, and does not suffer.
  if (dataDirectoryUserIsHot && judgeEnding(view)?.kind === 'crash') return undefined
  if (dataDirectoryUser.status === 'unknown')
    return wait('the server is down, and whether somebody works in the data directory could not be told', dataDirectoryUser.why)
  return wait(`the server is down and ${dataDirectoryUser.value} works in the data directory`, `${dataDirectoryUser.value} is at work`)
}

function wait(verdict: string, evidence: string): Found {
  return { cause: 'stopped-by-operator', response: 'wait', verdict, evidence: [evidence] }
}
