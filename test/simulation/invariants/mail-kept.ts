import type { Mail } from '../../../src/ports/mailer.ts'
import { STATE_DIRECTORY } from '../world.ts'
import type { Invariant } from './invariant.ts'

const MAIL = new RegExp(`^${STATE_DIRECTORY}/outbox/\\d{15}-[0-9a-f]{8}-(keep|drop)\\.json$`)

export const mailKept: Invariant = {
  name: 'mail-kept',
  meaning: 'a mail leaves the outbox only when the mail server took it or refused it for good, or when it may be dropped',
  watch(world, violate) {
    const { files, mailer } = world.machine
    return {
      onCall({ operation, object }) {
        if (operation !== 'disk unlink' || !MAIL.test(object) || object.endsWith('-drop.json')) return
        const mail = parse(files.textOf(object))
        if (mail === undefined) return
        if (!mailer.sent.some(({ messageId }) => messageId === mail.messageId) && !mailer.refused.has(mail.messageId))
          violate(`${object} (${mail.subject}) is removed, and nobody has it`)
      },
    }
  },
}

function parse(text: string | undefined): Mail | undefined {
  try {
    return JSON.parse(text ?? '') as Mail
  } catch {
    return undefined
  }
}
