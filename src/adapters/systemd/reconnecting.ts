import type { Clock } from '../../ports/clock.ts'
import { OutsideError } from '../../ports/outside-error.ts'
import type { BusConnection } from './connection.ts'

const FIRST_PAUSE_MS = 500
const LAST_PAUSE_MS = 30_000

interface ReconnectingOptions {
  readonly clock: Clock
  /** Opens a connection and makes it ready for use. */
  readonly open: () => Promise<BusConnection>
  /** Called when the connection ended or could not be made. */
  readonly onLost: () => void
  /** Called when the pause after a loss is over: whoever needs the connection asks for it again. */
  readonly onRetry: () => void
}

/** A connection that is made when it is first asked for, and again after a loss, with pauses that grow from 0.5 s to 30 s. */
export class Reconnecting {
  readonly #options: ReconnectingOptions
  #connection: Promise<BusConnection> | undefined
  #pauseMs = FIRST_PAUSE_MS
  #resting = false
  #cancelRest = () => {}
  #closed = false

  constructor(options: ReconnectingOptions) {
    this.#options = options
  }

  /** The connection; rejects with `OutsideError` when it cannot be made, and at once between two tries. */
  current(): Promise<BusConnection> {
    if (this.#connection !== undefined) return this.#connection
    if (this.#closed || this.#resting) return Promise.reject(notConnected())
    const connection = this.#connect()
    this.#connection = connection
    connection.catch(() => this.#lose(connection))
    return connection
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#cancelRest()
    const connection = await this.#connection?.catch(() => undefined)
    connection?.close()
  }

  async #connect(): Promise<BusConnection> {
    const connection = await this.#options.open()
    this.#pauseMs = FIRST_PAUSE_MS
    connection.ended.addEventListener('abort', () => this.#lose(this.#connection), { once: true })
    if (connection.ended.aborted) throw notConnected()
    return connection
  }

  #lose(connection: Promise<BusConnection> | undefined): void {
    if (connection === undefined || connection !== this.#connection) return
    this.#connection = undefined
    if (this.#closed) return
    this.#resting = true
    this.#cancelRest = this.#options.clock.after(this.#pauseMs, () => this.#retry())
    this.#pauseMs = Math.min(this.#pauseMs * 2, LAST_PAUSE_MS)
    this.#options.onLost()
  }

  #retry(): void {
    this.#resting = false
    this.#options.onRetry()
  }
}

function notConnected(): OutsideError {
  return new OutsideError({
    operation: 'connect to',
    object: 'the system bus',
    code: 'aborted',
    reason: 'it refused or ended the connection',
    hint: 'see `systemctl status dbus`; systemctl is asked instead',
  })
}
