import type { FileValues, OPTIONS } from './options/index.ts'
import type { TableReading } from './read-table.ts'
import type { Source } from './source.ts'

type FileReading = TableReading<typeof OPTIONS>
type NumberPath = { [P in keyof FileValues]: FileValues[P] extends number ? P : never }[keyof FileValues]

interface Order {
  readonly smaller: NumberPath
  readonly larger: NumberPath
  /** May both be the same? */
  readonly equal: boolean
  readonly because: string
}

/** What must not be larger than what, and why. */
const ORDERS: readonly Order[] = [
  { smaller: 'watch.confirm_interval', larger: 'watch.interval', equal: true, because: 'a suspicion is confirmed before the next look' },
  { smaller: 'probes.latency_limit', larger: 'probes.timeout.latency', equal: false, because: 'slow must be told from dead' },
  { smaller: 'probes.disk.warn', larger: 'probes.disk.fail', equal: false, because: 'the warning comes before the failure' },
  { smaller: 'recovery.cooldown', larger: 'recovery.cooldown_max', equal: true, because: 'the pause grows from the one to the other' },
  { smaller: 'recovery.cooldown_max', larger: 'recovery.window', equal: true, because: 'attempts would leave it before they are spent' },
]

/** Finds keys that are right each by itself and wrong together. */
export function checkTogether(source: Source, reading: FileReading): void {
  for (const order of ORDERS) checkOrder(source, reading, order)
  checkDirectories(source, reading)
}

function checkOrder(source: Source, { values, offsets }: FileReading, order: Order): void {
  const [smaller, larger] = [values[order.smaller], values[order.larger]]
  if (smaller === undefined || larger === undefined || smaller < larger || (order.equal && smaller === larger)) return
  const [path, relation, other] =
    offsets.has(order.smaller) || !offsets.has(order.larger)
      ? [order.smaller, order.equal ? 'at most' : 'less than', order.larger]
      : [order.larger, order.equal ? 'at least' : 'more than', order.smaller]
  const origin = offsets.has(other) ? '' : ', which has its default'
  source.fail(offsets.get(path) ?? 0, `${path}: must be ${relation} ${other}${origin}; ${order.because}`)
}

function checkDirectories(source: Source, { values, offsets }: FileReading): void {
  const [state, runtime] = [values.state_directory, values.runtime_directory]
  if (state === undefined || state !== runtime) return
  const path = offsets.has('runtime_directory') ? 'runtime_directory' : 'state_directory'
  source.fail(offsets.get(path) ?? 0, `${path}: state and runtime directory must differ; a reboot empties the latter`)
}
