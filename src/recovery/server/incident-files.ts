import { OutsideError } from '../../ports/outside-error.ts'
import type { StepContext } from '../step.ts'

/** Runs `keep` and returns why it could not be kept, or `undefined`: evidence is wanted, but never at the price of the recovery. */
export async function tryToKeep(what: string, keep: () => Promise<void>): Promise<string | undefined> {
  try {
    await keep()
    return undefined
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error
    return `${what} could not be kept: ${error.message}`
  }
}

/** Writes one file (0600) below the incident's folder, with its directories (0700). */
export async function keepInIncident(context: StepContext, name: string, content: string | Uint8Array): Promise<string> {
  const path = `${context.incidentDirectory}/${name}`
  await context.outside.files.makeDirectory(path.slice(0, path.lastIndexOf('/')), 0o700)
  await context.outside.files.writeDurably(path, content, 0o600)
  return path
}

/** "20261121T014412Z", to tell apart what attempts of one incident keep. */
export function timeStamp(context: StepContext): string {
  return new Date(context.outside.clock.wallMs()).toISOString().replaceAll(/[-:]|\.\d+/g, '')
}
