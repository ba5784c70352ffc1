/** What `postmaster.pid` says. Lines that are not written yet are empty or 0. */
export interface PidFileLines {
  /** Always positive; `negative` of the file's kind tells a single-user backend. */
  readonly pid: number
  readonly dataDirectory: string
  /** Seconds since 1970. */
  readonly startedSeconds: number
  readonly port: number
  readonly socketDirectory: string
  readonly listenAddress: string
  readonly sharedMemoryKey: number
  readonly sharedMemoryId: number
  /** `starting`, `stopping`, `ready` or `standby`; empty when there is none. */
  readonly status: string
}

export type PidFile =
  | { readonly kind: 'absent' }
  /** No bytes: a start that is this very moment creating it, or one that ran out of disk. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'garbage' }
  /** Written by a single-user backend. */
  | ({ readonly kind: 'negative' } & PidFileLines)
  | ({ readonly kind: 'ok' } & PidFileLines)

/** Reads the text of `postmaster.pid`; `undefined` is a file that does not exist. */
export function parsePostmasterPid(text: string | undefined): PidFile {
  if (text === undefined) return { kind: 'absent' }
  if (text.trim() === '') return { kind: 'empty' }
  const lines = text.split('\n').map((line) => line.trim())
  const pid = /^-?\d{1,10}$/.test(lines[0] ?? '') ? Number(lines[0]) : 0
  if (pid === 0) return { kind: 'garbage' }
  return { kind: pid < 0 ? 'negative' : 'ok', ...readLines(Math.abs(pid), lines) }
}

function readLines(pid: number, lines: readonly string[]): PidFileLines {
  const [key, id] = (lines[6] ?? '').split(/\s+/)
  return {
    pid,
    dataDirectory: lines[1] ?? '',
    startedSeconds: toNumber(lines[2]),
    port: toNumber(lines[3]),
    socketDirectory: lines[4] ?? '',
    listenAddress: lines[5] ?? '',
    sharedMemoryKey: toNumber(key),
    sharedMemoryId: toNumber(id),
    status: lines[7] ?? '',
  }
}

function toNumber(text: string | undefined): number {
  return /^\d+$/.test(text ?? '') ? Number(text) : 0
}
