import { userInfo } from 'node:os'
import { isatty } from 'node:tty'
import type { Io, Output } from './command.ts'

/** Also for a terminal that says 0, as a serial console does. */
const COLUMNS_OF_UNKNOWN_TERMINAL = 80

/** A reader that has left (`| head`) is no failure: the rest of the text is nobody's. */
function endQuietlyOnBrokenPipe(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
}

function outputOf(stream: typeof process.stdout | typeof process.stderr): Output {
  endQuietlyOnBrokenPipe(stream)
  const isTerminal = isatty(stream.fd)
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    columns: isTerminal && stream.columns > 0 ? stream.columns : COLUMNS_OF_UNKNOWN_TERMINAL,
  }
}

async function askOnTerminal(question: string): Promise<string | undefined> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new Promise<undefined>((resolve) => terminal.once('close', () => resolve(undefined)))
  try {
    return await Promise.race([terminal.question(question).catch(() => undefined), ended])
  } finally {
    terminal.close()
  }
}

function loginName(environment: NodeJS.ProcessEnv): string {
  const behindSudo = environment['SUDO_USER']
  if (behindSudo !== undefined && behindSudo !== '') return behindSudo
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}

/** The real process. Signals keep their default meaning: a command that is interrupted ends, and the daemon sees its client leave. */
export function processIo(): Io {
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    environment: process.env,
    now: () => Date.now(),
    user: loginName(process.env),
    isInteractive: isatty(process.stdin.fd) && isatty(process.stderr.fd),
    ask: askOnTerminal,
  }
}
