import type { Mail } from '../ports/mailer.ts'

/** A mail that waits to be sent. */
export interface QueuedMail {
  /** The file's name; sorts by age. */
  readonly name: string
  readonly mail: Mail
  /** True for what may be dropped when the outbox is full: repeats and INFO. */
  readonly expendable: boolean
  /** Whether its file is on disk. */
  saved: boolean
  /** Tries by this process. */
  attempts: number
}

/** A mail to be queued; its file is `001795228452123-1f3a9c02-keep.json`. */
export function toQueued(mail: Mail, expendable: boolean, random: string): QueuedMail {
  const time = String(Math.max(0, Math.round(mail.writtenAtWallMs))).padStart(15, '0')
  return { name: `${time}-${random}-${expendable ? 'drop' : 'keep'}.json`, mail, expendable, saved: false, attempts: 0 }
}

/** `undefined` for anything but a whole mail in JSON. */
export function parseMail(text: string | undefined): Mail | undefined {
  try {
    const value = JSON.parse(text ?? '') as Partial<Mail> | null
    return isMail(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isMail(value: Partial<Mail> | null): value is Mail {
  const texts = [value?.messageId, value?.subject, value?.text, value?.threadId ?? '']
  return texts.every((each) => typeof each === 'string') && typeof value?.writtenAtWallMs === 'number'
}
