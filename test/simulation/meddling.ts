import { OutsideError } from '../../src/ports/outside-error.ts'
import { systemError } from '../fakes/disk/errno.ts'
import type { Outcome } from '../fakes/disk/power-cut.ts'
import type { Fate, PortCall } from '../fakes/simulated-gate.ts'
import type { Meddle } from './run-scenario.ts'
import type { World } from './world.ts'

/** What is done to pgwatchd at one operation of a story. */
export type Blow =
  /** kill -9, before the operation or in the middle of it. */
  | { readonly kind: 'kill'; readonly within: boolean }
  | { readonly kind: 'power-cut'; readonly outcome: Outcome }
  /** The operation fails; with `lasts` so does every later one that can fail alike, until somebody mends that after a while. */
  | { readonly kind: 'error'; readonly code: string; readonly lasts: boolean }

export interface Strike {
  /** Counted from 1. */
  readonly operation: number
  readonly blow: Blow
}

export const ERRORS = ['EIO', 'ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'EAGAIN'] as const

/** After this what lasts is mended: whatever is left to pgwatchd has to come to its end from there. */
const LASTS_MS = 5 * 60_000

/** For the command line: `kill@12`, `kill-within@12`, `power-journalled@12`, `EIO@12`, `EIO-lasts@12`. */
export function renderStrike({ operation, blow }: Strike): string {
  return `${renderBlow(blow)}@${operation}`
}

function renderBlow(blow: Blow): string {
  if (blow.kind === 'kill') return blow.within ? 'kill-within' : 'kill'
  if (blow.kind === 'power-cut') return `power-${blow.outcome}`
  return blow.lasts ? `${blow.code}-lasts` : blow.code
}

/** The reverse; throws for what is none. */
export function parseStrike(text: string): Strike {
  const [name = '', operation = ''] = text.split('@')
  if (!/^[1-9]\d*$/.test(operation)) throw new Error(`not a strike: ${text}`)
  return { operation: Number(operation), blow: parseBlow(name) }
}

function parseBlow(name: string): Blow {
  if (name === 'kill' || name === 'kill-within') return { kind: 'kill', within: name === 'kill-within' }
  if (name.startsWith('power-')) return { kind: 'power-cut', outcome: name.slice('power-'.length) as Outcome }
  return { kind: 'error', code: name.replace('-lasts', ''), lasts: name.endsWith('-lasts') }
}

/** Which calls an errno can come from: descriptors and processes run out where one is opened or forked, the rest is the disk's. */
function canFailWith(code: string, { operation }: PortCall): boolean {
  if (code === 'EAGAIN') return operation === 'commands run'
  if (code === 'EMFILE') return operation === 'disk create' || operation === 'disk open' || operation === 'commands run'
  if (code === 'EROFS') return operation.startsWith('disk ') && !/(read|stat|open|fsync|fdatasync)/.test(operation)
  if (code === 'ENOSPC' || code === 'EDQUOT') return /^disk (create|write|mkdir|link|symlink|fsync)$/.test(operation)
  return /^disk (write|fsync|fdatasync|create|rename|link|unlink|mkdir)$/.test(operation)
}

/** Strikes at the operations given; an error strikes at the first call from there on that can fail so. */
export function strikeAt(strikes: readonly Strike[]): Meddle {
  const struck = new Map<Strike, number>()
  return (world, operation, call) => {
    for (const strike of strikes) {
      const fate = fateOf(strike, struck.get(strike), world, operation, call)
      if (fate === 'pass') continue
      if (!struck.has(strike)) struck.set(strike, world.machine.clock.elapsedMs())
      return fate
    }
    return 'pass'
  }
}

function fateOf({ operation: at, blow }: Strike, struckMs: number | undefined, world: World, operation: number, call: PortCall): Fate {
  if (blow.kind === 'error') {
    const isOver = struckMs !== undefined && (!blow.lasts || world.machine.clock.elapsedMs() - struckMs > LASTS_MS)
    const spares =
      operation < at || isOver || isSyncOfDirectory(world, call) || !canFailWith(blow.code, call) || call.object.startsWith('/run/')
    return spares ? 'pass' : errorFor(blow.code, call)
  }
  if (operation !== at) return 'pass'
  if (blow.kind === 'kill') return blow.within ? 'die-within' : 'die-before'
  world.cutPower(blow.outcome)
  return 'die-before'
}

/** ext4 and xfs end a journal that could not be written, and take no change from then on: that is the EROFS of another strike. */
function isSyncOfDirectory({ machine }: World, { operation, object }: PortCall): boolean {
  return operation === 'disk fsync' && machine.files.disk.find(object, true)?.inode?.entries !== undefined
}

/** As the port tells it: `node:fs` for the disk, the adapter's own words for a program. */
function errorFor(code: string, { operation, object }: PortCall): Error {
  if (operation !== 'commands run') return systemError(code, operation.split(' ')[1] ?? '', object)
  return new OutsideError({ operation: 'start', object: object.split(' ')[0] ?? '', code, reason: code })
}
