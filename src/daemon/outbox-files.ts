import type { Files } from '../ports/files.ts'
import type { Log } from '../ports/log.ts'
import type { Mail } from '../ports/mailer.ts'
import { OutsideError } from '../ports/outside-error.ts'
import { parseMail, type QueuedMail } from './outbox-mail.ts'

const NAME = /^\d{15}-[0-9a-f]{8}-(keep|drop)\.json$/
/** What a write that was cut short leaves beside a mail. */
const LEFT_OVER = /\d{15}-[0-9a-f]{8}-(keep|drop)\.json/
const MAXIMUM_FILE_BYTES = 1024 * 1024
/** In each of the folders `refused` and `corrupt`. */
const MAXIMUM_ASIDE = 100

/** The outbox on disk, one file per mail. Expected failures are logged and answered with false. */
export class OutboxFiles {
  readonly directory: string
  readonly #files: Files
  readonly #log: Log

  constructor(files: Files, directory: string, log: Log) {
    this.#files = files
    this.directory = directory
    this.#log = log
  }

  /** Puts the mail on disk, durably. */
  async save(queued: QueuedMail): Promise<void> {
    queued.saved = await this.#attempt('a mail waits in memory only and is lost if pgwatchd ends', queued.mail, async () => {
      await this.#files.makeDirectory(this.directory, 0o700)
      await this.#files.writeDurably(this.#pathOf(queued.name), JSON.stringify(queued.mail), 0o600)
    })
  }

  /** Takes the mail off the disk. */
  async remove(queued: QueuedMail): Promise<void> {
    if (!queued.saved) return
    const what = 'a mail that is done with stays in the outbox, and would be sent again after a restart'
    await this.#attempt(what, queued.mail, () => this.#files.remove(this.#pathOf(queued.name)))
  }

  /** Keeps a refused mail for a person to read. */
  async refuse(queued: QueuedMail): Promise<void> {
    if (!queued.saved) return
    await this.#attempt('a refused mail could not be moved away', queued.mail, () => this.#moveAside('refused', queued.name))
  }

  /** Every mail on disk, oldest first. What is no mail is moved away and logged; what cannot be read now stays. */
  async load(): Promise<readonly QueuedMail[]> {
    const mails: QueuedMail[] = []
    await this.#attempt('the outbox could not be read', undefined, async () => {
      await this.#files.makeDirectory(this.directory, 0o700)
      const names = (await this.#files.list(this.directory)) ?? []
      for (const name of names.filter((each) => LEFT_OVER.test(each))) {
        const queued = NAME.test(name) ? await this.#read(name) : await this.#sweep(name)
        if (queued !== undefined) mails.push(queued)
      }
    })
    return mails
  }

  async #read(name: string): Promise<QueuedMail | undefined> {
    const mail = parseMail(await this.#files.readText(this.#pathOf(name), { maxBytes: MAXIMUM_FILE_BYTES }))
    if (mail !== undefined) return { name, mail, expendable: name.endsWith('-drop.json'), saved: true, attempts: 0 }
    const message = `a mail in the outbox is unreadable and was moved to ${this.directory}/corrupt: ${name}`
    this.#log.write({ level: 'err', event: 'mail-unreadable', message })
    await this.#moveAside('corrupt', name)
    return undefined
  }

  async #sweep(name: string): Promise<undefined> {
    await this.#files.remove(this.#pathOf(name))
  }

  /** Moves a file to a folder of the outbox, which keeps its newest files. */
  async #moveAside(folder: string, name: string): Promise<void> {
    const target = `${this.directory}/${folder}`
    await this.#files.makeDirectory(target, 0o700)
    await this.#files.remove(`${target}/${name}`)
    await this.#files.move(this.#pathOf(name), `${target}/${name}`)
    const names = (await this.#files.list(target)) ?? []
    for (const old of names.slice(0, Math.max(0, names.length - MAXIMUM_ASIDE))) await this.#files.remove(`${target}/${old}`)
  }

  async #attempt(what: string, mail: Mail | undefined, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error
      const message = `${what}: ${error.message}${error.hint === '' ? '' : `; ${error.hint}`}`
      this.#log.write({ level: 'warning', event: 'outbox-trouble', message, fields: mail === undefined ? {} : { mail: mail.messageId } })
      return false
    }
  }

  #pathOf(name: string): string {
    return `${this.directory}/${name}`
  }
}
