/** One run of the crash matrix, with everything that the daemons said: `node test/crash-matrix/reproduce.ts DAMAGE [POINT]`. */
import { parsePoint } from './support/point.ts'
import { play } from './support/play.ts'
import { makeTemplate } from './support/template.ts'

const [, , damage = '', point] = process.argv
const teardowns: (() => unknown)[] = []
try {
  const plan = await makeTemplate({ teardown: (handler) => teardowns.push(handler) })
  const { calls, log, ...result } = await play({ plan, damage, ...(point === undefined ? {} : { kill: parsePoint(point) }) })
  for (const line of log) process.stdout.write(`${line}\n`)
  for (const call of calls) process.stdout.write(`${call.thread}:${call.name}:${String(call.ordinal)}  ${call.label}\n`)
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`)
} finally {
  for (const teardown of teardowns) await teardown()
}
