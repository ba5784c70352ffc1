import { buildAlert } from '../alerts/build-alert.ts'
import { renderAlert } from '../alerts/render.ts'
import type { HostParts } from './compose.ts'
import type { Telegraph } from './telegraph.ts'

const TIMEOUT_MS = 30_000

export interface TestResult {
  readonly ok: boolean
  readonly text: string
  /** What to do about a failure. */
  readonly hint: string
}

/** Sends one alert to the mail server now and tells what it said: the proof that alerts arrive. */
export async function testAlert({ host, hostName }: HostParts, telegraph: Telegraph, signal: AbortSignal): Promise<TestResult> {
  const wallMs = host.clock.wallMs()
  const alert = buildAlert({ kind: 'test', host: hostName, wallMs })
  const rendered = renderAlert(alert, { count: 0, sinceWallMs: 0 })
  host.log.write({ level: 'info', event: 'alert-test', message: `${alert.headline}: ${alert.verdict}` })
  const messageId = `test.${wallMs}.${host.random.hex(8)}@${hostName}`
  const delivery = await telegraph.tryNow({ ...rendered, messageId, priority: 'normal', writtenAtWallMs: wallMs }, TIMEOUT_MS, signal)
  if (delivery.ok) return { ok: true, text: `the mail server took the test alert: ${delivery.detail}`, hint: '' }
  return { ok: false, text: `the test alert was not delivered: ${delivery.detail}`, hint: delivery.hint }
}
