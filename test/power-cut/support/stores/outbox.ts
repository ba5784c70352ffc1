import { OutboxFiles } from '../../../../src/daemon/outbox-files.ts'
import { toQueued, type QueuedMail } from '../../../../src/daemon/outbox-mail.ts'
import type { Files } from '../../../../src/ports/files.ts'
import type { Mail } from '../../../../src/ports/mailer.ts'
import { createFakeLog } from '../../../fakes/log.ts'
import { lost, torn, WHOLE, type Store } from './store.ts'

function mailOf(number: number): Mail {
  const text = `mail ${String(number)} `.repeat(1 + ((number * 37) % 400))
  return { messageId: `${String(number)}@host`, subject: `mail ${String(number)}`, text, priority: 'normal', writtenAtWallMs: number }
}

function queuedOf(number: number): QueuedMail {
  return toQueued(mailOf(number), false, String(number).padStart(8, '0'))
}

/** Odd operations put a mail, even ones take one off that was sent: the one before the last. */
function storedAfter(operation: number): readonly number[] {
  const put = Math.ceil(operation / 2)
  const removed = Math.max(0, Math.floor(operation / 2) - 1)
  return Array.from({ length: put - removed }, (_, index) => removed + index + 1)
}

/** Mails on their way: one file each. */
export const outbox: Store = {
  name: 'outbox',
  async open(files, directory) {
    const log = createFakeLog()
    const outboxFiles = new OutboxFiles(files, `${directory}/outbox`, log)
    const saved = new Map<number, QueuedMail>()
    return async (operation) => {
      const number = Math.ceil(operation / 2)
      if (operation % 2 === 1) {
        saved.set(number, queuedOf(number))
        await outboxFiles.save(saved.get(number) ?? queuedOf(number))
      } else if (number > 1) await outboxFiles.remove(saved.get(number - 1) ?? queuedOf(number - 1))
      const trouble = log.entries.at(-1)
      if (trouble !== undefined) throw new Error(trouble.message)
    }
  },
  async check(files, directory, acknowledged, begun) {
    const found = new Map((await loadOutbox(files, directory)).map(({ mail }) => [mail.messageId, mail]))
    const corrupt = (await files.list(`${directory}/outbox/corrupt`)) ?? []
    if (corrupt.length > 0) return torn(`${String(corrupt.length)} mails are no mails any more`)
    const mayBeTakenOff = storedAfter(begun)[0] ?? 0
    for (const number of storedAfter(acknowledged)) {
      const mail = mailOf(number)
      const present = found.get(mail.messageId)
      if (present === undefined && number >= mayBeTakenOff) return lost(`${mail.subject} is gone`)
      if (present !== undefined && present.text !== mail.text) return torn(mail.subject)
    }
    const first = storedAfter(acknowledged)[0] ?? 0
    const back = [...found.keys()].filter((id) => Number.parseInt(id, 10) < first)
    return back.length === 0 ? WHOLE : lost(`mails ${back.join(', ')} are there again though they were taken off`)
  },
}

function loadOutbox(files: Files, directory: string): Promise<readonly QueuedMail[]> {
  return new OutboxFiles(files, `${directory}/outbox`, createFakeLog()).load()
}
