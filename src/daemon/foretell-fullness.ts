import type { Assessment } from '../core/cause.ts'
import { describeBytes } from '../core/disk/bytes.ts'
import { addUse, foretell } from '../core/disk/forecast.ts'
import type { Forecast, UseHistory } from '../core/disk/forecast.ts'
import { describeDuration } from '../core/describe-duration.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { findBallastPlaces } from '../probes/space/ballast-places.ts'
import type { Volume } from '../probes/volume.ts'
import { usedRatios } from '../probes/volumes.ts'
import type { Watch } from './watch.ts'

/** A warning that was given stays until there is clearly more time than what it is given for. */
const RELIEF = 1.5
const VOLUMES_AT_MOST = 8

/**
 * The warning that a file system will be full within the horizon, whatever share of it is used now. Looks anew when the disk
 * probe has measured anew, which in quiet times is once a minute. Never rejects for what the outside does.
 */
export async function foretellFullness(watch: Watch): Promise<Assessment['warnings']> {
  const measured = watch.probeMemory.volumes
  if (measured === undefined || measured.monotonicMs === watch.foretold.atMonotonicMs) return watch.foretold.warnings
  const ballast = await ballastBytes(watch)
  const histories = new Map<string, UseHistory>()
  const filling: { readonly volume: Volume; readonly forecast: Forecast }[] = []
  for (const volume of measured.volumes.slice(0, VOLUMES_AT_MOST)) {
    const { totalBytes, availableBytes, device } = volume.use
    const sample = { atMs: measured.monotonicMs, usedBytes: totalBytes - availableBytes - (ballast.get(device) ?? 0) }
    const history = addUse(watch.useLog.of(volume.path), sample, totalBytes)
    histories.set(volume.path, history)
    const forecast = foretell(history, volume.use)
    if (forecast !== undefined && forecast.fullInMs < horizonMs(watch, device)) filling.push({ volume, forecast })
  }
  await watch.useLog.put(histories)
  const sentences = filling.map(({ volume, forecast }) => describe(volume, forecast))
  watch.foretold = {
    atMonotonicMs: measured.monotonicMs,
    warnings: sentences.length === 0 ? [] : [{ key: 'disk:filling', sentence: `disk: ${sentences.join('; ')}` }],
    devices: new Set(filling.map(({ volume }) => volume.use.device)),
  }
  return watch.foretold.warnings
}

function horizonMs({ settings, foretold }: Watch, device: number): number {
  return settings.probes.disk.horizonMs * (foretold.devices.has(device) ? RELIEF : 1)
}

/** "data, wal (/var/lib/postgresql/15/main) 61 % used, at this rate full in ~7 h (2.1 GB per hour over the last 3 h)" */
function describe({ roles, path, use }: Volume, { fullInMs, bytesPerHour, overMs }: Forecast): string {
  const used = `${roles.join(', ')} (${path}) ${Math.floor(usedRatios(use).bytes * 100)} % used`
  const rate = `${describeBytes(bytesPerHour)} per hour over the last ${describeDuration(overMs)}`
  return `${used}, at this rate full in ~${describeDuration(fullInMs)} (${rate})`
}

/** What pgwatchd itself takes on each file system: that it is laid or given up is no change of the server's. */
async function ballastBytes({ cluster, outside, settings }: Watch): Promise<ReadonlyMap<number, number>> {
  const { ballastBytes: data, walBallastBytes: wal, tablespaceBallastBytes: tablespace } = settings.recovery.disk
  const found = new Map<number, number>()
  if (data + wal + tablespace === 0) return found
  try {
    for (const path of (await findBallastPlaces(cluster, outside.files)).flatMap(({ paths }) => paths)) {
      const status = await outside.files.status(path)
      if (status?.kind === 'file') found.set(status.device, (found.get(status.device) ?? 0) + status.allocatedBytes)
    }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
  }
  return found
}
