import { EMPTY_ALERT_MEMORY, parseAlertMemory, type AlertMemory, type HeldBack } from '../alerts/alert-memory.ts'
import { maskSecrets } from '../core/mask-secrets.ts'
import { considerAlert, type AlertSettings, type Consideration } from '../alerts/policy.ts'
import { renderAlert } from '../alerts/render.ts'
import type { Alert, Severity } from '../core/alert.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log, LogLevel } from '../ports/log.ts'
import type { Mail } from '../ports/mailer.ts'
import { OutsideError } from '../ports/outside-error.ts'
import type { Random } from '../ports/random.ts'
import { instantOf } from './instant-of.ts'
import type { Outbox } from './outbox.ts'

/** Where the memory of alerts survives a restart. Content is JSON. */
export interface AlertMemoryStore {
  load(): Promise<string | undefined>
  /** Durable when it resolves; may reject with `OutsideError`. */
  save(content: string): Promise<void>
}

export interface Alerting {
  /** Reads what was told before the last restart. */
  start(): Promise<void>
  /**
   * Writes the journal's line at once; resolves when the mail, if one is due, is in the outbox. Whoever must not wait for
   * a disk does not wait for it. Never rejects for want of disk or mail.
   */
  raise(alert: Alert): Promise<void>
  /** Resolves when everything raised so far is in the outbox. */
  settled(): Promise<void>
  /** Applies new settings, for a reload. */
  configure(settings: AlertSettings): void
}

export interface AlertingNeeds {
  /** `undefined`: no mail is configured, the journal is all. */
  readonly outbox: Pick<Outbox, 'put'> | undefined
  readonly memory: AlertMemoryStore
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  readonly settings: AlertSettings
  /** Right side of the Message-ID. */
  readonly host: string
}

const LEVELS: Readonly<Record<Severity, LogLevel>> = { CRITICAL: 'crit', ERROR: 'err', WARNING: 'warning', SUCCESS: 'notice', INFO: 'info' }

export function createAlerting(needs: AlertingNeeds): Alerting {
  return new AlertTeller(needs)
}

class AlertTeller implements Alerting {
  readonly #needs: AlertingNeeds
  #settings: AlertSettings
  #memory: AlertMemory = EMPTY_ALERT_MEMORY
  #work: Promise<void> = Promise.resolve()

  constructor(needs: AlertingNeeds) {
    this.#needs = needs
    this.#settings = needs.settings
  }

  async start(): Promise<void> {
    try {
      this.#memory = parseAlertMemory(parseJson(await this.#needs.memory.load()))
    } catch (error) {
      this.#sayTrouble('what was told before the restart is not known, so it may be told again', error)
    }
  }

  raise(alert: Alert): Promise<void> {
    const considered = considerAlert(this.#memory, alert, instantOf(this.#needs.clock), this.#settings)
    const changed = considered.memory !== this.#memory
    this.#memory = considered.memory
    this.#say(alert, considered)
    const mail = considered.send && this.#needs.outbox !== undefined ? this.#compose(alert, considered.heldBack) : undefined
    this.#work = this.#work
      .then(() => this.#deliver(alert, mail, changed && considered.send))
      .catch((error: unknown) => this.#sayBug(alert, error))
    return this.#work
  }

  settled(): Promise<void> {
    return this.#work
  }

  configure(settings: AlertSettings): void {
    this.#settings = settings
  }

  async #deliver(alert: Alert, mail: Mail | undefined, remember: boolean): Promise<void> {
    if (mail !== undefined) await this.#needs.outbox?.put(mail, { expendable: isExpendable(alert) })
    if (remember) await this.#save()
  }

  /** A memory that cannot be saved costs a repeated mail after a restart, and nothing else. */
  async #save(): Promise<void> {
    try {
      await this.#needs.memory.save(JSON.stringify(this.#memory))
    } catch (error) {
      this.#sayTrouble('what was told is not remembered on disk', error)
    }
  }

  #sayTrouble(what: string, error: unknown): void {
    if (!(error instanceof OutsideError)) throw error
    this.#needs.log.write({ level: 'info', event: 'alert-memory-trouble', message: `${what}: ${error.message}` })
  }

  /** A bug in telling must not end all telling. */
  #sayBug(alert: Alert, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    this.#needs.log.write({ level: 'err', event: 'bug', message: `the alert "${alert.headline}" was lost by a bug in pgwatchd: ${text}` })
  }

  #compose(alert: Alert, heldBack: HeldBack): Mail {
    const rendered = renderAlert(alert, heldBack)
    return {
      ...rendered,
      ...this.#thread(alert),
      priority: alert.severity === 'CRITICAL' || alert.severity === 'ERROR' ? 'high' : 'normal',
      writtenAtWallMs: alert.wallMs,
    }
  }

  /**
   * One incident is one thread: its first mail is what the others answer. A random part keeps a number that is used again,
   * because the daemon was killed before it was saved, from looking like a repeat of one mail.
   */
  #thread(alert: Alert): Pick<Mail, 'messageId' | 'threadId'> {
    const { host, random } = this.#needs
    if (alert.incidentId === '') return { messageId: `${alert.kind}.${alert.wallMs}.${random.hex(8)}@${host}` }
    const count = this.#memory.threads[alert.incidentId] ?? 1
    const first = `${alert.incidentId}.1@${host}`
    return count === 1 ? { messageId: first } : { messageId: `${alert.incidentId}.${count}.${random.hex(4)}@${host}`, threadId: first }
  }

  #say(alert: Alert, { send: sent, heldBack, untold }: Consideration): void {
    this.#needs.log.write({
      level: sent || untold ? LEVELS[alert.severity] : 'debug',
      event: `alert-${alert.kind}`,
      message: maskSecrets(`${alert.cluster === '' ? '' : `${alert.cluster}: `}${alert.headline}. ${alert.verdict}`),
      ...(alert.cluster === '' ? {} : { cluster: alert.cluster }),
      ...(alert.incidentId === '' ? {} : { incident: alert.incidentId }),
      fields: { severity: alert.severity, mail: this.#fateOfMail(sent), heldBack: heldBack.count },
    })
  }

  #fateOfMail(sent: boolean): string {
    if (this.#needs.outbox === undefined) return 'not configured'
    return sent ? 'queued' : 'held back'
  }
}

/** What goes first when the outbox is full: never an incident's beginning or end, never what is CRITICAL. */
function isExpendable(alert: Alert): boolean {
  return alert.severity === 'INFO' || (alert.severity === 'WARNING' && alert.incidentId === '')
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return undefined
  }
}
