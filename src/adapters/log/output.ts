import pino from 'pino'

/** Anything that takes whole lines. */
export interface LineStream {
  write(text: string): unknown
}

/** Where lines go, without ever making the writer wait. */
export interface Output {
  write(text: string): void
  /** Resolves when all is out, or after `timeoutMs`. */
  flush(timeoutMs: number): Promise<void>
  dropped(): number
  /** Calls `listener` with the number of lines dropped, once lines get through again. */
  onRecovered(listener: (count: number) => void): void
}

/** What may wait to be written: about 5,000 lines. */
const BUFFER_BYTES = 1024 * 1024

/** stdout through an asynchronous, bounded buffer; or a stream of the caller's. */
export function createOutput(stream: LineStream | undefined): Output {
  return stream === undefined ? bufferedStdout() : direct(stream)
}

function direct(stream: LineStream): Output {
  return { write: (text) => void stream.write(text), flush: async () => {}, dropped: () => 0, onRecovered: () => {} }
}

function bufferedStdout(): Output {
  const destination = pino.destination({ dest: 1, sync: false, minLength: 0, maxLength: BUFFER_BYTES })
  let total = 0
  let untold = 0
  let tell: (count: number) => void = () => {}
  destination.on('drop', () => {
    total += 1
    untold += 1
  })
  destination.on('drain', () => {
    if (untold === 0) return
    const count = untold
    untold = 0
    tell(count)
  })
  /** A closed stdout (EPIPE) must not end a supervisor. */
  destination.on('error', () => {
    total += 1
  })
  return {
    write: (text) => void destination.write(text),
    flush: (timeoutMs) => flushed(destination, timeoutMs),
    dropped: () => total,
    onRecovered: (listener) => void (tell = listener),
  }
}

/** sonic-boom calls back when its buffer is written, and not at all while the reader stalls. */
function flushed(destination: ReturnType<typeof pino.destination>, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, timeoutMs)
    destination.flush(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
