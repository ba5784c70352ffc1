import { describeShortage, isShort } from '../core/disk/room.ts'
import type { Evidence, EvidenceValue, Reading } from '../core/reading.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Look, Probe } from './probe.ts'
import { fail, pass, unknown, warn } from './readings.ts'
import { toRoom } from './space/rooms.ts'
import { measureAll, usedRatios } from './volumes.ts'
import type { Volume } from './volume.ts'
import type { Measured, Unreadable } from './volumes.ts'

function fullness(volume: Volume): number {
  const { bytes, inodes } = usedRatios(volume.use)
  return Math.max(bytes, inodes)
}

/** "data, wal (/var/lib/postgresql/15/main) 84 % used" */
function describe(volume: Volume): string {
  const { bytes, inodes } = usedRatios(volume.use)
  const [ratio, what] = inodes > bytes ? [inodes, 'inodes used'] : [bytes, 'used']
  return `${volume.roles.join(', ')} (${volume.path}) ${Math.floor(ratio * 100)} % ${what}`
}

function evidenceOf(volumes: readonly Volume[], unreadable: readonly Unreadable[]): Evidence {
  const evidence: Record<string, EvidenceValue> = {}
  for (const { roles, path, use } of volumes) {
    const name = roles[0] ?? path
    const { bytes, inodes } = usedRatios(use)
    Object.assign(evidence, {
      [`${name}.path`]: path,
      [`${name}.roles`]: roles.join(', '),
      [`${name}.usedRatio`]: bytes,
      [`${name}.inodesUsedRatio`]: inodes,
      [`${name}.availableBytes`]: use.availableBytes,
    })
  }
  for (const { role, why } of unreadable) evidence[`${role}.error`] = why
  return evidence
}

/** What the server cannot work without; a full log directory stops no server. */
function findShortages({ volumes, segmentBytes }: Measured): readonly string[] {
  const rooms = volumes.flatMap(({ roles, path, use }) =>
    roles.every((role) => role === 'log') ? [] : [toRoom(roles, path, use, segmentBytes)],
  )
  return rooms.filter(isShort).map(describeShortage)
}

function judge({ settings }: Look, measured: Measured, tookMs: number): Reading {
  const { volumes, unreadable } = measured
  const shortages = findShortages(measured)
  const evidence = evidenceOf(volumes, unreadable)
  const fullestFirst = [...volumes].sort((one, other) => fullness(other) - fullness(one))
  const detail = [...unreadable.map(({ why }) => why), ...fullestFirst.map(describe)].join('; ')
  const ratio = fullestFirst[0] === undefined ? 0 : fullness(fullestFirst[0])
  if (shortages.length > 0) return fail('disk', { reason: 'no-room', detail: shortages.join('; '), evidence, tookMs })
  if (ratio >= settings.disk.failRatio) return fail('disk', { reason: 'full', detail, evidence, tookMs })
  if (unreadable.length > 0) return warn('disk', { reason: 'unreachable', detail, evidence, tookMs })
  if (ratio >= settings.disk.warnRatio) return warn('disk', { reason: 'almost-full', detail, evidence, tookMs })
  return pass('disk', detail, tookMs, evidence)
}

export const disk: Probe = {
  name: 'disk',
  question: 'Is there room on every file system that the server writes to?',
  async look(look) {
    const startedMs = look.outside.clock.monotonicMs()
    const tookMs = (): number => look.outside.clock.monotonicMs() - startedMs
    try {
      return judge(look, await measureAll(look), tookMs())
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      return unknown('disk', { reason: 'unreachable', detail: error.message, evidence: { code: error.code }, tookMs: tookMs() })
    }
  },
}
