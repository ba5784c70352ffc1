import { StringDecoder } from 'node:string_decoder'
import type { Readable } from 'node:stream'

/** Of each stream only this much of its end is kept. */
const KEPT_BYTES = 1 << 20

/** A line longer than this is passed on in pieces. */
const LONGEST_LINE = 1 << 16

/** The end of what a stream has said so far. */
export interface Output {
  text(): string
}

/** Collects a stream's last 1 MiB and passes its lines on as they come; a progress line may end in a carriage return. */
export function collect(stream: Readable | null, onLine: ((line: string) => void) | undefined): Output {
  const lines = onLine && splitLines(onLine)
  let chunks: Buffer[] = []
  let keptBytes = 0
  stream?.on('data', (chunk: Buffer) => {
    lines?.push(chunk)
    chunks.push(chunk)
    keptBytes += chunk.length
    if (keptBytes < 2 * KEPT_BYTES) return
    chunks = [lastOf(chunks)]
    keptBytes = KEPT_BYTES
  })
  stream?.on('end', () => lines?.end())
  stream?.on('error', () => {})
  return { text: () => lastOf(chunks).toString('utf8') }
}

function lastOf(chunks: readonly Buffer[]): Buffer {
  const whole = Buffer.concat(chunks)
  return Buffer.from(whole.subarray(Math.max(0, whole.length - KEPT_BYTES)))
}

function splitLines(onLine: (line: string) => void): { push(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  const pass = (line: string): void => {
    if (line !== '') onLine(line)
  }
  return {
    push(chunk) {
      const parts = (rest + decoder.write(chunk)).split(/[\r\n]+/)
      rest = parts.pop() ?? ''
      parts.forEach(pass)
      if (rest.length < LONGEST_LINE) return
      pass(rest)
      rest = ''
    },
    end() {
      pass(rest + decoder.end())
      rest = ''
    },
  }
}
