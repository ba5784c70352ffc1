import type { Machine } from './machine.ts'
import { waitFor } from './wait.ts'

/** One line of pgwatchd in the journal. */
export interface JournalEntry {
  readonly wallMs: number
  /** syslog's number: 3 is an error. */
  readonly priority: number
  readonly message: string
  /** The stable name of what happened: `mode-recovering`. */
  readonly event: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What pgwatchd has written since that moment. */
export async function readJournal(machine: Machine, sinceWallMs: number): Promise<readonly JournalEntry[]> {
  const argv = ['journalctl', '-u', 'pgwatchd', '-o', 'json', '--no-pager', `--since=@${(sinceWallMs / 1000).toFixed(3)}`]
  const { stdout } = await machine.exec(argv)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map(parseEntry)
    .filter((entry) => entry.wallMs >= sinceWallMs)
}

/** Waits for an entry that fits. */
export async function waitForEntry(
  machine: Machine,
  what: string,
  timeoutMs: number,
  sinceWallMs: number,
  fits: (entry: JournalEntry) => boolean,
): Promise<JournalEntry> {
  return await waitFor(`${what} in the journal`, timeoutMs, async () => (await readJournal(machine, sinceWallMs)).find(fits))
}

function parseEntry(line: string): JournalEntry {
  const raw = JSON.parse(line) as Record<string, string | undefined>
  const message = raw['MESSAGE'] ?? ''
  const fields = parseFields(message)
  return {
    wallMs: Number(raw['__REALTIME_TIMESTAMP']) / 1000,
    priority: Number(raw['PRIORITY']),
    message,
    event: typeof fields['event'] === 'string' ? fields['event'] : '',
    fields,
  }
}

/** A line of the daemon is a sentence, a blank and an object in JSON. */
function parseFields(message: string): Readonly<Record<string, unknown>> {
  const start = message.indexOf(' {"event":')
  return start < 0 ? {} : (JSON.parse(message.slice(start + 1)) as Record<string, unknown>)
}
