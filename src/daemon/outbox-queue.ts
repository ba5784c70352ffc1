import type { QueuedMail } from './outbox-mail.ts'

/** The mails that wait, bounded. */
export interface OutboxQueue {
  readonly size: number
  has(name: string): boolean
  /** Adds a mail and returns those that had to go for it: expendable ones first, the oldest first; it may be the new one. */
  add(mail: QueuedMail): readonly QueuedMail[]
  delete(mail: QueuedMail): void
  /** The one to try next: fewest tries first, then oldest. */
  next(): QueuedMail | undefined
}

/**
 * Keeps at most `maximum` mails; more, up to twice as many, only of those that must not be dropped. So a dead SMTP server
 * costs repeats before it costs news, and never an unbounded amount of memory.
 */
export function createOutboxQueue(maximum: number): OutboxQueue {
  const mails = new Map<string, QueuedMail>()

  function oldest(matches: (mail: QueuedMail) => boolean): QueuedMail | undefined {
    return [...mails.values()].filter(matches).sort(byName)[0]
  }

  function surplus(): QueuedMail | undefined {
    if (mails.size <= maximum) return undefined
    return oldest((mail) => mail.expendable) ?? (mails.size > 2 * maximum ? oldest(() => true) : undefined)
  }

  return {
    get size() {
      return mails.size
    },
    has: (name) => mails.has(name),
    add(mail) {
      mails.set(mail.name, mail)
      const dropped: QueuedMail[] = []
      for (let each = surplus(); each !== undefined; each = surplus()) {
        mails.delete(each.name)
        dropped.push(each)
      }
      return dropped
    },
    delete: (mail) => void mails.delete(mail.name),
    next: () => [...mails.values()].sort((left, right) => left.attempts - right.attempts || byName(left, right))[0],
  }
}

function byName(left: QueuedMail, right: QueuedMail): number {
  return left.name < right.name ? -1 : 1
}
