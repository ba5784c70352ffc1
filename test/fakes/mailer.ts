import type { Delivery, Mail, Mailer } from '../../src/ports/mailer.ts'

export interface FakeMailer extends Mailer {
  /** Every mail that was tried, in order. */
  readonly tried: Mail[]
  /** Those that were taken. */
  readonly sent: Mail[]
  /** What the next tries answer, in order; then every mail is taken. */
  readonly answers: (Delivery | 'hang')[]
}

export const DOWN: Delivery = { ok: false, permanent: false, detail: 'mail:25: connect ECONNREFUSED', hint: 'Is it running?' }
export const REFUSED: Delivery = { ok: false, permanent: true, detail: 'mail:25: 550 no such user', hint: 'Check alerts.mail.to.' }

/** Takes every mail unless told otherwise; `hang` waits for the signal. */
export function createFakeMailer(): FakeMailer {
  const tried: Mail[] = []
  const sent: Mail[] = []
  const answers: (Delivery | 'hang')[] = []

  async function send(mail: Mail, _timeoutMs: number, signal?: AbortSignal): Promise<Delivery> {
    tried.push(mail)
    const answer = answers.shift() ?? { ok: true, detail: '250 taken' }
    if (answer === 'hang') {
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }))
      return { ok: false, permanent: false, detail: 'given up', hint: '' }
    }
    if (answer.ok) sent.push(mail)
    return answer
  }

  return { tried, sent, answers, send }
}
