import type { StepContext } from '../step.ts'

/** What must be the same before and after a recovery. */
export interface Identity {
  /** 64-bit, in decimal; empty when `global/pg_control` could not be read. */
  readonly systemIdentifier: string
  readonly role: 'primary' | 'standby'
}

/** Reads it from the data directory; `system_identifier` is the first field of `pg_control`. */
export async function readIdentity(context: StepContext): Promise<Identity> {
  const { files } = context.outside
  const control = await files.read(`${context.cluster.dataDirectory}/global/pg_control`, { maxBytes: 8 })
  const standby = (await files.status(`${context.cluster.dataDirectory}/standby.signal`)) !== undefined
  return {
    systemIdentifier: control?.length === 8 ? String(Buffer.from(control).readBigUInt64LE()) : '',
    role: standby ? 'standby' : 'primary',
  }
}
