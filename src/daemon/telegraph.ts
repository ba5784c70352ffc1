import type { Config } from '../config/config.ts'
import type { Delivery, Mail, Mailer } from '../ports/mailer.ts'
import { type Alerting, createAlerting } from './alerting.ts'
import { type HostParts, statePaths } from './compose.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createSlotFile } from './slot-file.ts'

const MEMORY_SLOT_BYTES = 128 * 1024

/** How the daemon tells people: one alerting and one outbox, whose mail server may change with the configuration. */
export interface Telegraph {
  readonly alerting: Alerting
  readonly outbox: Outbox
  configure(config: Config): void
  /** Puts a mail that is no alert into the outbox; nothing when no mail is configured. */
  mail(subject: string, text: string): Promise<void>
  /** Tries to hand one mail over now, past the outbox, and tells what the server said. */
  tryNow(mail: Mail, timeoutMs: number, signal: AbortSignal): Promise<Delivery>
}

const NO_MAIL: Delivery = { ok: false, permanent: false, detail: 'no mail is configured', hint: 'set alerts.mail in the configuration' }

export function createTelegraph(
  parts: Pick<HostParts, 'host' | 'hostName'>,
  config: Config,
  mailerFor: (config: Config) => Mailer | undefined,
): Telegraph {
  const { host, hostName } = parts
  const paths = statePaths(config.stateDirectory)
  let mailer: Mailer | undefined = mailerFor(config)
  const switchable: Mailer = { send: (mail, timeoutMs, signal) => mailer?.send(mail, timeoutMs, signal) ?? Promise.resolve(NO_MAIL) }
  const outbox = createOutbox({ ...host, directory: paths.outbox, mailer: switchable })
  const alerting = createAlerting({
    get outbox() {
      return mailer === undefined ? undefined : outbox
    },
    memory: createSlotFile({ files: host.files, path: paths.alerts, slotBytes: MEMORY_SLOT_BYTES }),
    log: host.log,
    clock: host.clock,
    random: host.random,
    settings: config.alerts,
    host: hostName,
  })
  return {
    alerting,
    outbox,
    configure(next) {
      mailer = mailerFor(next)
      alerting.configure(next.alerts)
      outbox.wake()
    },
    async mail(subject, text) {
      const wallMs = host.clock.wallMs()
      const messageId = `mail.${wallMs}.${host.random.hex(8)}@${hostName}`
      if (mailer !== undefined)
        await outbox.put({ messageId, subject, text, priority: 'normal', writtenAtWallMs: wallMs }, { expendable: true })
    },
    tryNow: switchable.send,
  }
}
