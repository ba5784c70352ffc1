import type { Clock } from '../ports/clock.ts'
import type { Log, LogLevel } from '../ports/log.ts'
import type { Delivery, Mail, Mailer } from '../ports/mailer.ts'
import type { Random } from '../ports/random.ts'
import type { OutboxFiles } from './outbox-files.ts'
import type { QueuedMail } from './outbox-mail.ts'
import type { OutboxQueue } from './outbox-queue.ts'

export interface SenderSettings {
  /** Deadline of one try. */
  readonly sendTimeoutMs: number
  /** Pause after the first failure in a row; doubled with each further one up to the maximum, less up to a quarter at random. */
  readonly firstRetryMs: number
  readonly maximumRetryMs: number
}

export interface SenderNeeds {
  readonly queue: OutboxQueue
  readonly files: OutboxFiles
  readonly mailer: Mailer
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly settings: SenderSettings
  /** Mails dropped since it was last told; told at the end of the next mail. */
  readonly droppedUntold: { count: number }
}

const IDLE_MS = 3_600_000

type Failure = Delivery & { readonly ok: false }

/** Sends what waits, one at a time: a mail that was never tried at once, others after the pause. */
export class OutboxSender {
  lastError = ''
  refused = 0
  readonly #needs: SenderNeeds
  readonly #ending = new AbortController()
  #bell = new AbortController()
  #inFlight: AbortController | undefined
  #loop: Promise<void> | undefined
  #failuresInRow = 0
  #retryAtMs = 0

  constructor(needs: SenderNeeds) {
    this.#needs = needs
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  /** Waits for the try under way, which is given up when `signal` aborts. */
  async stop(signal?: AbortSignal): Promise<void> {
    const giveUp = (): void => this.#inFlight?.abort()
    this.#ending.abort()
    if (signal?.aborted) giveUp()
    signal?.addEventListener('abort', giveUp, { once: true })
    await this.#loop
    signal?.removeEventListener('abort', giveUp)
  }

  /** Something was put. */
  ring(): void {
    this.#bell.abort()
  }

  /** Tries again now. */
  hurry(): void {
    this.#retryAtMs = 0
    this.ring()
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      this.#bell = new AbortController()
      const next = this.#needs.queue.next()
      const pauseMs = this.#pauseBefore(next)
      if (next === undefined || pauseMs > 0) await this.#pause(pauseMs)
      else await this.#send(next)
    }
  }

  #pauseBefore(next: QueuedMail | undefined): number {
    if (next === undefined) return IDLE_MS
    return next.attempts === 0 ? 0 : Math.max(0, this.#retryAtMs - this.#needs.clock.monotonicMs())
  }

  async #pause(durationMs: number): Promise<void> {
    await this.#needs.clock.sleep(Math.min(durationMs, IDLE_MS), AbortSignal.any([this.#bell.signal, this.#ending.signal]))
  }

  async #send(queued: QueuedMail): Promise<void> {
    queued.attempts += 1
    this.#inFlight = new AbortController()
    const mail = this.#withDroppedCount(queued.mail)
    const delivery = await this.#needs.mailer.send(mail, this.#needs.settings.sendTimeoutMs, this.#inFlight.signal)
    this.#inFlight = undefined
    if (delivery.ok) await this.#delivered(queued, delivery.detail)
    else if (delivery.permanent) await this.#refused(queued, delivery)
    else await this.#failed(queued, delivery)
  }

  async #delivered(queued: QueuedMail, detail: string): Promise<void> {
    const { queue, files, droppedUntold } = this.#needs
    queue.delete(queued)
    if (this.lastError !== '') this.#say('notice', 'mail-works-again', `mail goes out again, ${queue.size} more to send`, queued.mail)
    this.lastError = ''
    this.#failuresInRow = 0
    this.#retryAtMs = 0
    droppedUntold.count = 0
    this.#say('debug', 'mail-sent', `the SMTP server took a mail: ${detail}`, queued.mail)
    await files.remove(queued)
  }

  async #refused(queued: QueuedMail, failure: Failure): Promise<void> {
    const { queue, files } = this.#needs
    queue.delete(queued)
    this.refused += 1
    this.lastError = failure.detail
    const where = queued.saved ? `kept in ${files.directory}/refused` : 'lost, because it could not be written to disk'
    const message = `the SMTP server refused a mail for good: ${failure.detail}; the mail is ${where}. ${failure.hint}`
    this.#say('err', 'mail-refused', message, queued.mail)
    await files.refuse(queued)
  }

  async #failed(queued: QueuedMail, failure: Failure): Promise<void> {
    const delayMs = this.#backOff()
    const level = failure.detail === this.lastError ? 'debug' : 'warning'
    this.lastError = failure.detail
    const next = `${this.#needs.queue.size} wait, next try in ${Math.ceil(delayMs / 1000)} s`
    this.#say(level, 'mail-not-sent', `a mail could not be sent: ${failure.detail}; ${next}. ${failure.hint}`, queued.mail)
    if (!queued.saved) await this.#needs.files.save(queued)
  }

  #backOff(): number {
    const { settings, random, clock } = this.#needs
    const fullMs = Math.min(settings.maximumRetryMs, settings.firstRetryMs * 2 ** Math.min(this.#failuresInRow, 30))
    const delayMs = Math.round(fullMs * (1 - random.fraction() / 4))
    this.#failuresInRow += 1
    this.#retryAtMs = clock.monotonicMs() + delayMs
    return delayMs
  }

  #withDroppedCount(mail: Mail): Mail {
    const { count } = this.#needs.droppedUntold
    if (count === 0) return mail
    const dropped = `The outbox was full: ${count} less important ${count === 1 ? 'mail was' : 'mails were'} dropped.`
    return { ...mail, text: `${mail.text}\n${dropped}\n` }
  }

  #say(level: LogLevel, event: string, message: string, mail: Mail): void {
    this.#needs.log.write({ level, event, message: message.trim(), fields: { mail: mail.messageId, subject: mail.subject } })
  }
}
