import { parseServerLine } from './log-line.ts'

/** A mistake in a configuration file, in the server's words, and where it lies. */
export interface ConfigurationFault {
  readonly words: string
  readonly file: string
  /** 0 when the server names none. */
  readonly line: number
}

/** Within the message: `unrecognized configuration parameter "x" in file "/etc/postgresql.conf" line 12`. */
const INSIDE = /in file "([^"]+)",? line (\d+)/
/** After it, of `pg_hba.conf` and `pg_ident.conf`. */
const AFTER = /CONTEXT:\s+line (\d+) of configuration file "([^"]+)"/
const AT_MOST = 10

/** The mistakes that lines of the server's log, or of `postgres -C`, name with their place. */
export function readConfigurationFaults(lines: readonly string[]): readonly ConfigurationFault[] {
  const faults: ConfigurationFault[] = []
  let words = ''
  for (const line of lines) {
    const [, fileInside, lineInside] = INSIDE.exec(line) ?? []
    const [, lineAfter, fileAfter] = AFTER.exec(line) ?? []
    words = parseServerLine(line)?.text ?? words
    if (fileInside !== undefined) faults.push({ words, file: fileInside, line: Number(lineInside) })
    else if (fileAfter !== undefined) faults.push({ words, file: fileAfter, line: Number(lineAfter) })
  }
  return faults.slice(0, AT_MOST)
}

/** What `postgres -C` said on one line, each fault a clause with its place; all of it where it names no place. */
export function describeRefusal(said: string): readonly string[] {
  const faults = readConfigurationFaults(said.split('; ')).map(describeFault)
  return faults.length === 0 ? [said] : faults
}

/** "/etc/postgresql/15/main/pg_hba.conf:98: invalid authentication method "foo"" */
export function describeFault({ words, file, line }: ConfigurationFault): string {
  return `${file}:${line}: ${words}`
}
