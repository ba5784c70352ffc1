import { askOrFail } from './ask.ts'
import type { Invocation, Io } from './command.ts'
import { textOf } from './command.ts'
import { EXIT } from './exit-codes.ts'
import { printFailure } from './print.ts'

/** The cluster that was named, or the only one that the daemon watches; an exit code when there is none such (told already). */
export async function clusterToActOn(invocation: Invocation, io: Io): Promise<{ readonly name: string } | { readonly exitCode: number }> {
  const typed = textOf(invocation, 'cluster')
  const names: string[] = []
  const asked = await askOrFail(invocation, io, { command: 'status' }, (answer) => {
    if (answer.type === 'status') names.push(...answer.status.clusters.map((cluster) => cluster.name))
  })
  if (!asked.ok) return asked
  const name = typed ?? (names.length === 1 ? names[0] : undefined)
  if (name !== undefined && names.includes(name)) return { name }
  const message = name === undefined ? 'several clusters are watched: name one' : `pgwatchd watches no cluster ${name}`
  return {
    exitCode: printFailure(io, invocation, { code: 'unknown-cluster', message, hint: `--cluster ${names.join(' | ')}` }, EXIT.failed),
  }
}
