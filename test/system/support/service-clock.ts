import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Machine } from './machine.ts'
import { waitFor } from './wait.ts'

const LOGIN = { user: 'app', password: 'correct horse', database: 'app', port: 5432 }
const ATTEMPT_TIMEOUT_MS = 400
const EVERY_MS = 10

/** A session of the application, through the machine's socket. */
export async function openApplicationSession(machine: Machine, timeoutMs: number = ATTEMPT_TIMEOUT_MS): Promise<pg.Client> {
  const client = new pg.Client({
    ...LOGIN,
    host: machine.hostPath('/run/postgresql'),
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  })
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Whether the application is served right now. */
export async function isServing(machine: Machine): Promise<boolean> {
  try {
    const client = await openApplicationSession(machine)
    try {
      await client.query('select 1')
      return true
    } finally {
      await client.end()
    }
  } catch {
    return false
  }
}

export async function waitUntilServing(machine: Machine, timeoutMs: number): Promise<void> {
  await waitFor('PostgreSQL to serve the application', timeoutMs, async () => (await isServing(machine)) || undefined)
}

/** How long the application was not served. */
export interface Outage {
  /** When the fault was made, by the wall clock. */
  readonly faultWallMs: number
  /** From the fault to the first session that was served after one that was not. */
  readonly lastedMs: number
}

/**
 * Makes a fault, which tells by the wall clock when it was made, then asks the application's question every few
 * milliseconds until it was refused and is answered again.
 */
export async function measureOutage(machine: Machine, timeoutMs: number, makeFault: () => Promise<number>): Promise<Outage> {
  const faultWallMs = await makeFault()
  let wasDown = false
  while (Date.now() - faultWallMs < timeoutMs) {
    const serves = await isServing(machine)
    if (serves && wasDown) return { faultWallMs, lastedMs: Date.now() - faultWallMs }
    wasDown ||= !serves
    await sleep(EVERY_MS)
  }
  throw new Error(wasDown ? `not serving ${String(timeoutMs)} ms after the fault` : `the fault did no harm in ${String(timeoutMs)} ms`)
}
