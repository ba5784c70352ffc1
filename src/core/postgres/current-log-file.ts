/**
 * The file that the logging collector writes now, from the text of `current_logfiles` in the data directory, which has lines
 * such as "stderr log/postgresql-2026-11-21.log"; `undefined` when it names none.
 */
export function readCurrentLogFile(text: string, dataDirectory: string): string | undefined {
  const name = /^stderr (.+)$/m.exec(text)?.[1]
  if (name === undefined) return undefined
  return name.startsWith('/') ? name : `${dataDirectory}/${name}`
}
