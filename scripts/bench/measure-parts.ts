import { isMissed, renderMeasurements, type Measurement } from './measurement.ts'

/** Measures one aspect. */
export type Part = () => Promise<readonly Measurement[]>

const SIGNALS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }

/** Lets a signal end the program by its exit, so that what is to be removed then is. */
export function exitOnSignals(): void {
  for (const [signal, code] of Object.entries(SIGNALS)) process.once(signal, () => process.exit(code))
}

/** Measures and prints. A part that cannot be measured is told, and costs the others nothing. Resolves to the exit code. */
export async function measureParts(parts: readonly (readonly [name: string, Part])[], json: boolean): Promise<number> {
  const measurements: Measurement[] = []
  let isComplete = true
  for (const [name, measure] of parts) {
    process.stderr.write(`measuring ${name} ...\n`)
    try {
      measurements.push(...(await measure()))
    } catch (error) {
      isComplete = false
      process.stderr.write(`cannot measure ${name}: ${error instanceof Error ? error.message : String(error)}\n`)
    }
  }
  print(measurements, json)
  if (!isComplete) return 2
  return measurements.some(isMissed) ? 1 : 0
}

function print(measurements: readonly Measurement[], json: boolean): void {
  const told = measurements.map((measurement) => ({ ...measurement, pass: !isMissed(measurement) }))
  process.stdout.write(json ? `${JSON.stringify({ measurements: told })}\n` : `\n${renderMeasurements(measurements)}\n`)
}
