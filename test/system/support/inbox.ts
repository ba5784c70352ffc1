import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Machine } from './machine.ts'
import { waitFor } from './wait.ts'

export interface Mail {
  readonly subject: string
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  readonly receivedWallMs: number
}

/** The mail server of one machine, reachable at its 127.0.0.1. */
export interface Inbox {
  readonly port: number
  /** Everything taken so far, oldest first. */
  readonly mails: readonly Mail[]
  /** Waits for a mail, taken after the first `since`, whose subject matches. */
  waitForMail(subject: RegExp, timeoutMs: number, since?: number): Promise<Mail>
  start(): Promise<void>
  stop(): Promise<void>
}

const PORT = 2525

/** Starts the mail server in the network of the machine. */
export async function startInbox(machine: Machine): Promise<Inbox> {
  const mails: Mail[] = []
  let server: ChildProcess | undefined
  const inbox: Inbox = {
    port: PORT,
    mails,
    waitForMail: (subject, timeoutMs, since = 0) =>
      waitFor(`a mail with subject ${String(subject)}`, timeoutMs, async () => {
        const taken = mails.slice(since)
        const found = taken.find((mail) => subject.test(mail.subject))
        if (found === undefined) throw new Error(`the mails are ${JSON.stringify(taken.map((mail) => mail.subject))}`)
        return found
      }),
    start: async () => {
      const script = [
        '-t',
        String(machine.leaderPid()),
        '-n',
        '--',
        process.execPath,
        `${import.meta.dirname}/mail-sink-process.ts`,
        String(PORT),
      ]
      const started = spawn('nsenter', script, { stdio: ['pipe', 'pipe', 'inherit'] })
      server = started
      const lines = createInterface(started.stdout)
      const ready = once(lines, 'line')
      lines.on('line', (line) => {
        if (line !== '"ready"') mails.push(JSON.parse(line) as Mail)
      })
      await ready
    },
    stop: async () => {
      if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
      const ended = once(server, 'exit')
      server.kill('SIGKILL')
      await ended
      server = undefined
    },
  }
  await inbox.start()
  return inbox
}
