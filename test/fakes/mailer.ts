import type { Delivery, Mail, Mailer } from '../../src/ports/mailer.ts'

/** `hang` waits for the signal; `unsaid` takes the mail, and the answer is lost on the way. */
export type MailAnswer = Delivery | 'hang' | 'unsaid'

export interface FakeMailer extends Mailer {
  /** Every mail that was tried, in order. */
  readonly tried: Mail[]
  /** Those that were taken. */
  readonly sent: Mail[]
  /** Message-IDs of those that were refused for good. */
  readonly refused: Set<string>
  /** What the next tries answer, in order; then `otherwise` does. */
  readonly answers: MailAnswer[]
  /** Takes every mail unless it is replaced. */
  otherwise: (mail: Mail) => MailAnswer
}

export const DOWN: Delivery = { ok: false, permanent: false, detail: 'mail:25: connect ECONNREFUSED', hint: 'Is it running?' }
export const REFUSED: Delivery = { ok: false, permanent: true, detail: 'mail:25: 550 no such user', hint: 'Check alerts.mail.to.' }
export const TAKEN: Delivery = { ok: true, detail: '250 taken' }

/** Takes every mail unless told otherwise. */
export function createFakeMailer(): FakeMailer {
  const mailer: FakeMailer = {
    tried: [],
    sent: [],
    refused: new Set(),
    answers: [],
    otherwise: () => TAKEN,
    async send(mail, _timeoutMs, signal) {
      mailer.tried.push(mail)
      const answer = mailer.answers.shift() ?? mailer.otherwise(mail)
      if (answer === 'hang') {
        await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
        return { ok: false, permanent: false, detail: 'given up', hint: '' }
      }
      if (answer === 'unsaid' || answer.ok) mailer.sent.push(mail)
      if (answer === 'unsaid') return DOWN
      if (!answer.ok && answer.permanent) mailer.refused.add(mail.messageId)
      return answer
    },
  }
  return mailer
}
