import type { Assessment } from '../core/cause.ts'
import { megabytes } from '../core/disk/bytes.ts'
import type { Damage } from '../core/facts.ts'
import { mergeIndicators, NO_INDICATORS } from '../core/postgres/log-indicators.ts'
import type { Readings } from '../core/reading.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { readControlFile } from '../probes/facts/control-file.ts'
import { checkMaps } from '../probes/integrity/check-maps.ts'
import { needsServer, proveNamed } from '../probes/integrity/prove-named.ts'
import { scanFiles } from '../probes/integrity/scan-files.ts'
import { proveLostValues } from '../recovery/damage/lost-values.ts'
import { CHECKSUMS_COUNTED, PAGES_WHOLE } from './tell-warnings.ts'
import type { Watch } from './watch.ts'

/** What asked for the check: counted failures, or the calendar. */
type Why = 'counted' | 'scheduled'
type Warnings = Assessment['warnings']

/**
 * A rise of the server's counters of checksum failures names no page: a check is begun beside the watch that reads all of them, and
 * what it finds is damage like any that the log names. To be told: that it began, and what it came to.
 */
export function noticeChecksumFailures(watch: Watch, { connection }: Readings): Warnings {
  const { integrity } = watch
  const told = integrity.result
  integrity.result = []
  const total = connection.evidence['checksumFailures']
  if (typeof total !== 'number') return told
  const isNew = total > integrity.answered && integrity.checking === undefined
  if (isNew || total < integrity.answered) integrity.answered = total
  if (!isNew) return told
  startCheck(watch, 'counted')
  const sentence = `the server has counted ${total} checksum failures: every page is being read from disk, and the maps compared, to find where`
  return [...told, { key: CHECKSUMS_COUNTED, sentence }]
}

/** Begins a check of a healthy cluster that is under none; whether it did. */
export function beginCheck(watch: Watch): boolean {
  const isFree = watch.integrity.checking === undefined && watch.state.mode === 'healthy'
  if (isFree) startCheck(watch, 'scheduled')
  return isFree
}

function startCheck(watch: Watch, why: Why): void {
  watch.integrity.checking = check(watch, why).finally(() => (watch.integrity.checking = undefined))
}

const ASKED_AT_MOST = 100

/** Puts to the server what its log names and its files cannot prove, beside the watch, each once; what it shows is damage from then on. */
export function followDoubts(watch: Watch): void {
  const { integrity, indicators, abort } = watch
  const doubts = indicators.damages.filter((damage) => needsServer(damage) && !integrity.asked.has(damage.message))
  if (doubts.length === 0 || integrity.asking !== undefined || integrity.asked.size >= ASKED_AT_MOST) return
  for (const { message } of doubts) integrity.asked.add(message)
  const signal = AbortSignal.any([integrity.ending.signal, abort])
  integrity.asking = prove(watch, doubts, signal).finally(() => (integrity.asking = undefined))
}

async function prove(watch: Watch, doubts: readonly Damage[], signal: AbortSignal): Promise<void> {
  try {
    const damages = [...(await proveNamed(watch.outside, doubts, signal)), ...(await proveLostValues(watch, doubts, signal))]
    if (damages.length > 0) believe(watch, damages)
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    write(watch, 'warning', `what the server's log names could not be looked at: ${error.message}`)
  }
}

function believe(watch: Watch, damages: readonly Damage[]): void {
  watch.indicators = mergeIndicators(watch.indicators, { ...NO_INDICATORS, damages })
  watch.alarm.ring()
}

/** Ends what is under way, if anything. */
export async function endCheck({ integrity }: Watch): Promise<void> {
  integrity.ending.abort()
  await Promise.all([integrity.checking, integrity.asking])
}

async function check(watch: Watch, why: Why): Promise<void> {
  const { cluster, outside, integrity, abort } = watch
  const signal = AbortSignal.any([integrity.ending.signal, abort])
  try {
    const control = await readControlFile(cluster, outside)
    const checksumsEnabled = control?.ok === true && control.controlFile.checksumsEnabled
    const scan = await scanFiles({ cluster, files: outside.files, clock: outside.clock, checksumsEnabled }, signal)
    const maps = await checkMaps(outside, signal)
    if (signal.aborted) return
    const did = `read ${scan.files} files (${megabytes(scan.bytes)}) from disk and compared ${maps.tables} visibility maps with their tables`
    conclude(watch, { why, did }, [...scan.damages, ...maps.damages], [...scan.unreadable, ...maps.left])
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    write(watch, 'warning', `the check of the files failed: ${error.message}`)
  }
}

function conclude(
  watch: Watch,
  { why, did }: { readonly why: Why; readonly did: string },
  damages: readonly Damage[],
  left: readonly string[],
): void {
  const not = left.length === 0 ? '' : `; not looked at: ${left.join('; ')}`
  write(watch, damages.length === 0 ? 'notice' : 'warning', `${did}: ${damages.length} damaged places${not}`)
  if (damages.length === 0 && why === 'counted') {
    const sentence = `checksum failures were counted, and every page on disk is whole now: the memory, or the way to the disk, is suspect${not}`
    watch.integrity.result = [{ key: PAGES_WHOLE, sentence }]
  }
  believe(watch, damages)
}

function write({ outside, cluster }: Watch, level: 'notice' | 'warning', sentence: string): void {
  outside.log.write({ level, event: 'integrity-check', message: `${cluster.name}: ${sentence}`, cluster: cluster.name })
}
