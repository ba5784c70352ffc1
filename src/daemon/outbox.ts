import type { Clock } from '../ports/clock.ts'
import type { Files } from '../ports/files.ts'
import type { Log } from '../ports/log.ts'
import type { Mail, Mailer } from '../ports/mailer.ts'
import type { Random } from '../ports/random.ts'
import { OutboxFiles } from './outbox-files.ts'
import { toQueued, type QueuedMail } from './outbox-mail.ts'
import { createOutboxQueue } from './outbox-queue.ts'
import { OutboxSender, type SenderSettings } from './outbox-sender.ts'

export interface OutboxSettings extends SenderSettings {
  /** Mails that may wait; above it repeats and INFO are dropped, the oldest first. */
  readonly maximumMails: number
}

export const DEFAULT_OUTBOX_SETTINGS: OutboxSettings = {
  maximumMails: 500,
  sendTimeoutMs: 30_000,
  firstRetryMs: 5000,
  maximumRetryMs: 900_000,
}

export interface OutboxStatus {
  readonly waiting: number
  /** What the last failed try said; empty after a success. */
  readonly lastError: string
  /** Mails dropped because the outbox was full, since the start. */
  readonly dropped: number
  /** Mails that the server refused for good, since the start; kept in `refused/`. */
  readonly refused: number
}

export interface PutOptions {
  /** True for what may be dropped first when the outbox is full: repeats and INFO, never a recovery. */
  readonly expendable: boolean
}

/**
 * Mails on their way. A mail is on disk when `put` resolves and stays there until the SMTP server has taken it, whatever
 * dies in between: it may arrive twice, with one Message-ID, and is never lost. Sending goes on in the background and
 * holds nobody up.
 */
export interface Outbox {
  /** Never rejects for want of disk: then the mail waits in memory, and the journal says so. */
  put(mail: Mail, options?: PutOptions): Promise<void>
  /** Takes up what an earlier run left, and begins to send. */
  start(): Promise<void>
  /** Ends sending; a try under way may end by itself until `signal` aborts. What waits stays on disk. */
  stop(signal?: AbortSignal): Promise<void>
  status(): OutboxStatus
  /** Ends the pause between tries. */
  wake(): void
}

export interface OutboxNeeds {
  readonly files: Files
  /** `/var/lib/pgwatchd/outbox`; created with mode 0700. */
  readonly directory: string
  readonly mailer: Mailer
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly settings?: OutboxSettings
}

export function createOutbox(needs: OutboxNeeds): Outbox {
  const settings = needs.settings ?? DEFAULT_OUTBOX_SETTINGS
  const queue = createOutboxQueue(settings.maximumMails)
  const files = new OutboxFiles(needs.files, needs.directory, needs.log)
  const droppedUntold = { count: 0 }
  const sender = new OutboxSender({ ...needs, queue, files, settings, droppedUntold })
  let dropped = 0

  async function add(queued: QueuedMail): Promise<void> {
    for (const each of queue.add(queued)) {
      dropped += 1
      droppedUntold.count += 1
      sayDropped(needs.log, each)
      await files.remove(each)
    }
    sender.ring()
  }

  async function put(mail: Mail, options: PutOptions = { expendable: false }): Promise<void> {
    const queued = toQueued(mail, options.expendable, needs.random.hex(8))
    await files.save(queued)
    await add(queued)
  }

  async function start(): Promise<void> {
    for (const queued of await files.load()) if (!queue.has(queued.name)) await add(queued)
    sender.start()
  }

  return {
    put,
    start,
    stop: (signal) => sender.stop(signal),
    status: () => ({ waiting: queue.size, lastError: sender.lastError, dropped, refused: sender.refused }),
    wake: () => sender.hurry(),
  }
}

function sayDropped(log: Log, queued: QueuedMail): void {
  const message = `the outbox is full, so a mail was dropped: ${queued.mail.subject}`
  log.write({ level: queued.expendable ? 'warning' : 'err', event: 'mail-dropped', message, fields: { mail: queued.mail.messageId } })
}
